/** The store app's words, see proto/ui/i18n.js. */
export const words = {
    "app.title": "Customer book",
    "place.counter": "Counter",
};

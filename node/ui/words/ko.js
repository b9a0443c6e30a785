/** The store app's words, see proto/ui/i18n.js. */
export const words = {
    "app.title": "고객 수첩",
    "place.counter": "카운터",
};

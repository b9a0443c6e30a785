/** The store app's words, see proto/ui/i18n.js. */
export const words = {
    "app.title": "顾客手册",
    "place.counter": "柜台",
};

/** Where the store app begins: what index.html asks for. */
import {boot} from "ui/boot.js";
import {t} from "ui/i18n.js";

boot({words: (language) => import(`./words/${language}.js`), app: () => import("./app.js"),
    title: () => t("app.title"), pin: true});

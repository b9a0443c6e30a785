/**
 * The counter: nothing but the field until somebody is recognised, and what the keyboard can do. The field has the
 * focus, so the letters alone are typed into it.
 */
import {get} from "ui/api.js";
import {useData} from "ui/data.js";
import {theSite, today} from "ui/format.js";
import {html} from "ui/html.js";
import {t} from "ui/i18n.js";
import {Button} from "ui/parts/button.js";
import {link} from "ui/router.js";
import {Find} from "../find.js";
import {peopleOf} from "../pieces.js";

const MOST = 1000;

export function Counter() {
    const due = useData(() => get("followups", {limit: MOST}), []).value;
    const waiting = due ? peopleOf(due.filter((/** @type {any} */ row) => !row.done)) : 0;
    const sold = useData(() => get("purchases", {customer: "none", store: theSite().store, from: today(), limit: MOST}),
        []).value;
    const nobody = sold?.length ?? 0;
    return html`<section class="counter">
        <h1 class="unseen">${t("place.counter")}</h1>
        <${Find} first />
        <div class="row center">
            <${Button} href=${link("sell")} keys="Alt S">${t("sell.anonymous")}<//>
            <${Button} href=${link("register")} keys="Alt N">${t("register.do")}<//>
            <${Button} href=${link("complain")} keys="Alt X">${t("complain.do")}<//>
        </div>
        ${nobody > 0 ? html`<p class="soft center-text"><a href=${link("sales", {from: today()})}>
            ${t("nobody.waiting", {count: nobody})}</a></p>` : null}
        ${waiting > 0 ? html`<p class="soft center-text"><a href=${link("today")}>
            ${t("counter.today", {count: waiting})}</a></p>`
            : null}
    </section>`;
}

/**
 * What every module with something to show imports: html`…` for markup, and Preact's hooks, from one place.
 *
 *     html`<p class=${name}>${text}</p>`     text is always text: a name with tags in it shows its tags
 *     html`<${Button} onClick=${save}>…<//>`
 *
 * Nothing here or elsewhere sets innerHTML.
 */
import {h} from "preact";
import htm from "htm";

export const html = htm.bind(h);
export {render, createContext, Fragment} from "preact";
export {useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext, useId} from "preact/hooks";

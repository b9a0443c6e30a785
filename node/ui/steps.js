/**
 * The nine steps of a complaint (X2): their order, and which comes next. Pure.
 */
export const STEPS = [
    "listen", "empathise", "apologise", "cause", "explain", "propose", "compensate", "outcome", "follow-up",
];

/**
 * The step to make next, from the last one made.
 * @param {{step: string | null, state?: string}} complaint
 */
export function nextStep(complaint) {
    const made = complaint.step === null ? -1 : STEPS.indexOf(complaint.step);
    return STEPS[Math.min(made + 1, STEPS.length - 1)];
}

/** Steps between the next one and `wanted`, which are left out when it is made now. */
/**
 * @param {{step: string | null}} complaint
 * @param {string} wanted
 */
export function leftOut(complaint, wanted) {
    const next = STEPS.indexOf(nextStep(complaint));
    return STEPS.slice(next, Math.max(next, STEPS.indexOf(wanted)));
}

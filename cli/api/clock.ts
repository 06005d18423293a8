/** This machine's clock beside AWS's. AWS refuses a signature whose time is more than five minutes off. */

/** Whether the words of a refusal are about the time of the signature. */
export const isSkew = (said: string): boolean => /^Signature (expired|not yet current)|^Request has expired/.test(said);

/** @param theirs the time in the `Date` of AWS's reply */
export const skewAdvice = (theirs = 'another time'): string =>
  `This machine's clock says ${new Date().toUTCString()}, AWS's says ${theirs}. Set it right.`;

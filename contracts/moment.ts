/** Moments on the wire: ISO 8601 in UTC, to the second. */
import * as v from 'valibot';

export const moment = v.pipe(v.string(), v.isoTimestamp());

/** `2026-11-20T10:00:00Z`. @param instant epoch milliseconds */
export const momentOf = (instant: number): string => new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');

import type { Duration } from 'aws-cdk-lib';

/** The props of `Bastions` for the warm pool: bastions that run before anybody asks for them. */
export interface PoolProps {
  /**
   * Bastions that wait for their owners, from 0 to 20.
   *
   * A start that takes one is answered in about two seconds. Without one it takes 20 to 28 s. Each costs as much as a bastion in
   * use, and counts in `maxSessions`, which must be larger.
   *
   * @default 0
   */
  readonly poolSize?: number;

  /**
   * Hours in which they wait: `always`, or days and times of one time zone, such as
   * `Mon-Thu 08:00-18:00, Fri 08:00-15:00 Europe/Berlin`.
   *
   * A span that ends before it begins goes on into the next day: `Mon-Fri 22:00-06:00 UTC`. A whole day is `00:00-24:00`. On the
   * days on which the clock changes, the hours follow it.
   *
   * @default 'always'
   */
  readonly poolHours?: string;

  /**
   * Time after which another bastion replaces one that waits, from 15 minutes to 12 hours.
   *
   * A shorter time bounds for how long a task runs that nobody uses, with the credentials that it has. A longer one starts fewer
   * tasks.
   *
   * @default Duration.hours(4)
   */
  readonly poolMaxAge?: Duration;
}

/** `npm run test:browser`: the page in a real browser, against the local run with the real ssh. It takes Chromium. */
import { findChromium } from './test/browser/chromium.ts';
import { suites } from './test/suites.ts';
import config from './vitest.config.ts';

const chromium = findChromium();
const problem = 'There is no Chromium. On Debian and its like, install the package chromium.';
if (chromium === undefined && process.env.CI === 'true') throw new Error(problem);
if (chromium === undefined) console.warn(`The browser tests are skipped. ${problem}`);

export default {
  ...config,
  test: {
    ...config.test,
    include: chromium === undefined ? [] : suites.browser,
    exclude: [],
    passWithNoTests: true,
    provide: { ...config.test?.provide, chromium: chromium ?? '' },
    // A browser on a busy machine may miss a moment. A failed try says what its pages showed, and two of them fail.
    retry: 1,
    // A browser and a local run together fill the smallest machine.
    maxWorkers: 1,
  },
};

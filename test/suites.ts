/**
 * The tests that `npm test` leaves out, because they take minutes or more than Node and an ssh client. Each suite has a script
 * `test:<name>` with the configuration `vitest.<name>.config.ts`, and CI runs them all.
 */
export const suites = {
  /** The entrypoints of the agents' containers as processes. They mostly wait for them. */
  agents: ['test/agent-image/*.test.ts'],
  /** The page in a real browser. */
  browser: ['test/browser/*.test.ts'],
  /** The CDK's command and moto, which takes Python. */
  deploy: ['test/deploy/*.test.ts'],
  /** What takes Docker. The end-to-end tests run there once more. */
  images: ['test/images/*.test.ts'],
  /** Local runs with real programs. In `npm test` stay those of people with curl and ssh, and of a reader of the README. */
  local: [
    'test/cli/{jobs,local-run,sign-in,sign-in-life,tunnel}.test.ts',
    'test/docs/local-blocks.test.ts',
    'test/e2e/{bastionzero,doors,local-run,pool,sign-in,who-did-what}.test.ts',
  ],
  /** The published package. */
  package: ['test/package/*.test.ts'],
} satisfies Readonly<Record<string, string[]>>;

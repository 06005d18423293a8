/** `npm run test:deploy`: the CDK's command deploys the stack onto moto, and destroys it. It takes Python 3.11. */
import { defineConfig } from 'vitest/config';
import { motoPrograms } from './test/contract/moto-server.ts';
import { suites } from './test/suites.ts';
import { NoPython } from './test/support/python.ts';

const problem = missingPython();
if (problem !== undefined && process.env.CI === 'true') throw problem;
if (problem !== undefined) console.warn(`The deployment is not tested. ${problem.message}`);

export default defineConfig({
  test: {
    globalSetup: 'test/deploy/set-up-deployment.ts',
    include: problem === undefined ? suites.deploy : [],
    passWithNoTests: true,
    hookTimeout: 600_000,
  },
});

/** Installs moto, and returns the reason if this machine can't run it. */
function missingPython(): NoPython | undefined {
  try {
    motoPrograms();
    return undefined;
  } catch (error) {
    if (error instanceof NoPython) return error;
    throw error;
  }
}

/**
 * Every step of a path × everything that can happen to it, one at a time: what the caller is told, and how many looks later
 * all is as it should be. A look is the reaper's pass a minute later; of a path that has other looks, one of those.
 */

import { minuteMs } from '../support/time.ts';
import { type Path, paths } from './paths.ts';
import { Scene, type Step, type Strike } from './scene.ts';

/** A start lease and two passes. */
const mostPasses = 3;

/** Outlasts every retry: each further call of the same action meets it too. */
const outage = 'errors from here on';

export interface Outcome {
  readonly path: string;
  /** The step's name. */
  readonly call: string;
  readonly fault: string;
  /** What the caller was told, each time. */
  readonly told: string;
  /** Passes until nothing was amiss; undefined when it never came to that. */
  readonly passes: number | undefined;
  readonly amiss: readonly string[];
}

/** The steps that a path has when nothing happens, in order. */
export async function stepsOf(assembly: string, name: string): Promise<Step[]> {
  const steps: Step[] = [];
  const scene = await Scene.open(assembly);
  await walk(scene, pathOf(name), (step) => {
    steps.push(step);
    return undefined;
  });
  await scene.close();
  return steps;
}

export async function* outcomesOf(assembly: string, name: string): AsyncGenerator<Outcome> {
  const path = pathOf(name);
  let scene: Scene | undefined;
  for (const step of await stepsOf(assembly, name)) {
    for (const fault of [...step.faults, ...(isCall(step) ? [outage] : [])]) {
      scene ??= await Scene.open(assembly);
      let struck = false;
      const outcome = await walk(scene, path, ({ name: reached, action }) => {
        const isHere = reached === step.name;
        struck ||= isHere;
        if (fault === outage) return struck && action === step.action ? 'error before its effect' : undefined;
        return isHere ? fault : undefined;
      });
      if (!struck) throw new Error(`Walking the path "${name}", nobody came to ${step.name}.`);
      yield { path: name, call: step.name, fault, ...outcome };
      // One world for all, as long as each leaves it as it was.
      if (outcome.amiss.length > 0) {
        await scene.close();
        scene = undefined;
      }
    }
  }
  await scene?.close();
}

const isCall = ({ name }: Step): boolean => !name.includes(' to ') && !name.includes(' of ');

function pathOf(name: string): Path {
  const path = paths[name];
  if (!path) throw new Error(`There is no path ${name}.`);
  return path;
}

async function walk(scene: Scene, path: Path, strike: Strike): Promise<Pick<Outcome, 'told' | 'passes' | 'amiss'>> {
  const { violations } = scene.oracle;
  const before = violations.length;
  await path.before(scene);
  const told = [await scene.watched(path.functions, strike, () => path.act(scene))];
  while (path.until !== undefined && told.at(-1) !== path.until && told.length <= 3) told.push(await path.act(scene));
  const { passes, amiss } = await passesUntilClean(scene, path, told.join(', then '));
  const left = amiss.length > 0 ? [] : (await scene.leave()).map((one) => `after all was stopped: ${one}`);
  return { told: told.join(', then '), passes, amiss: [...violations.slice(before), ...amiss, ...left] };
}

async function passesUntilClean(scene: Scene, path: Path, told: string) {
  let amiss: readonly string[] = [];
  for (let passes = 0; passes <= mostPasses; passes++) {
    await (passes === 0 ? scene.bastions.clock.advance(minuteMs / 2) : (path.again?.(scene) ?? scene.pass()));
    amiss = [...(await path.amiss(scene, told)), ...(await scene.unrest())];
    if (amiss.length === 0) return { passes, amiss };
  }
  return { passes: undefined, amiss };
}

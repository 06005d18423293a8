/**
 * Walks a path once for every fault of every step. Each walk says what the caller's replies were, and how many looks later the
 * path was in its final state. A look is the reaper's pass a minute later, or the sweeper's ten minutes later on the path `sweep`.
 */
import { minuteMs } from '../support/time.ts';
import type { Path } from './path.ts';
import { paths } from './paths.ts';
import { Scene } from './scene.ts';
import type { ChooseFault, Step } from './steps.ts';

/** A start lease takes one pass, the removal two more. */
const mostPasses = 3;

/** A fault that outlasts every retry: it hits each further call of the same action. */
const outage = 'errors from here on';

export interface Outcome {
  readonly path: string;
  readonly step: string;
  readonly fault: string;
  /** The caller's replies, in order. */
  readonly replies: string;
  /** The looks until the path was in its final state; undefined if it never was. */
  readonly passes: number | undefined;
  readonly flaws: readonly string[];
}

/** The steps of a path on which no fault strikes, in order. @param assembly folder of the stack, synthesized with a pool */
export async function stepsOf(assembly: string, name: string): Promise<Step[]> {
  const steps: Step[] = [];
  const path = pathOf(name);
  const scene = await Scene.open(assembly, path.poolSize ?? 0);
  await walk(scene, path, (step) => {
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
      scene ??= await Scene.open(assembly, path.poolSize ?? 0);
      let wasHit = false;
      const outcome = await walk(scene, path, ({ name: stepName, action }) => {
        const isHere = stepName === step.name;
        wasHit ||= isHere;
        if (fault === outage) return wasHit && action === step.action ? 'error before its effect' : undefined;
        return isHere ? fault : undefined;
      });
      if (!wasHit)
        throw new Error(`The path "${name}" did not come to ${step.name}, expected the same steps as before.`);
      yield { path: name, step: step.name, fault, ...outcome };
      // A walk without flaws leaves the scene as it was, so that the next one can use it.
      if (outcome.flaws.length > 0) {
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
  if (!path) throw new Error(`Got the path "${name}", expected one of: ${Object.keys(paths).join(', ')}.`);
  return path;
}

async function walk(
  scene: Scene,
  path: Path,
  chooseFault: ChooseFault,
): Promise<Pick<Outcome, 'replies' | 'passes' | 'flaws'>> {
  const { violations } = scene.oracle;
  const earlier = violations.length;
  await scene.align();
  await path.prepare(scene);
  const received = [await scene.walk(path.functions, chooseFault, () => path.act(scene))];
  const isUnanswered = () => path.expectedReply !== undefined && received.at(-1) !== path.expectedReply;
  while (isUnanswered() && received.length <= 3) received.push(await path.act(scene));
  const replies = received.join(', then ');
  const { passes, flaws } = await passesUntilFinal(scene, path, replies);
  const leftovers = flaws.length > 0 ? [] : (await scene.stopAll()).map((one) => `after all was stopped: ${one}`);
  return { replies, passes, flaws: [...violations.slice(earlier), ...flaws, ...leftovers] };
}

async function passesUntilFinal(scene: Scene, path: Path, replies: string) {
  let flaws: readonly string[] = [];
  for (let passes = 0; passes <= mostPasses; passes++) {
    await (passes === 0 ? scene.bastions.clock.advance(minuteMs / 2) : (path.lookAgain?.(scene) ?? scene.reap()));
    flaws = [...(await path.flaws(scene, replies)), ...(await scene.finalStateViolations())];
    if (flaws.length === 0) return { passes, flaws };
  }
  return { passes: undefined, flaws };
}

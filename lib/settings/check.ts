import * as v from 'valibot';
import type { BastionsProps } from '../bastions-props.ts';
import { contradictions } from './contradictions.ts';
import { InvalidProps } from './invalid-props.ts';
import { defaults, type Problem, type ResolvedProps, rules } from './rules.ts';
import { shown } from './text.ts';

export type Checked = { readonly props: ResolvedProps } | { readonly problems: readonly Problem[] };

export interface Wording {
  /** Names a prop in the sentences: `prop`, or `setting` where a deployer types it. */
  readonly noun: string;
  /** Says in which form the value of a prop is typed. */
  readonly hint: (name: string) => string;
}

/**
 * The props with every default, or every problem. The rules between props apply when each prop is right by itself.
 * @param values by the name of the prop, where undefined counts as absent
 */
export function checkProps(values: Readonly<Record<string, unknown>>, { noun, hint }: Wording): Checked {
  const present = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const parsed = v.safeParse(rules, present, { abortPipeEarly: true });
  if (parsed.success) {
    const problems = contradictions(parsed.output, noun);
    return problems.length === 0 ? { props: parsed.output } : { problems };
  }
  const { nested = {} } = v.flatten(parsed.issues);
  // The path of a wrong item begins with the name of its list.
  const expectations = new Map(
    Object.entries(nested).map(([path, [expected = ''] = []]) => [path.split('.')[0] ?? path, expected]),
  );
  return { problems: [...expectations].map(([name, expected]) => ({ name, expected: `${expected}${hint(name)}` })) };
}

/**
 * The props of a construct with every default.
 * @param stackName of the construct's stack. Names of functions and values of tags begin with it.
 * @throws InvalidProps that lists every wrong prop.
 */
export function resolveProps({ bundles: _, ...props }: BastionsProps, stackName: string): ResolvedProps {
  const values: Readonly<Record<string, unknown>> = { ...props, stackName };
  const checked = checkProps(values, { noun: 'prop', hint: () => '' });
  if ('props' in checked) return checked.props;
  throw new InvalidProps(
    checked.problems.map(
      ({ name, expected }) => `prop ${name}: got ${shown(values[name] ?? defaults[name])}, expected ${expected}`,
    ),
  );
}

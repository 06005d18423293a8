/** Holds the stack to cdk-nag's packs: every finding has a written answer, and every answer a finding. */
import {
  HIPAASecurityChecks,
  type IApplyRule,
  NagRuleCompliance,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { agentKinds } from '../../contracts/agent.ts';
import { packAnswers } from '../../lib/pack-answers.ts';
import { signInSettings } from '../support/settings.ts';
import { synthesize } from './synthesize.ts';

const packs = [HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks];

type App = Awaited<ReturnType<typeof synthesize>>['app'];

/** Settings under which the stack has every kind of resource. */
const everything = {
  agents: agentKinds.join(','),
  alarmEmail: 'ops@example.com',
  eventEmail: 'team@example.com',
  ...signInSettings,
};

let app: App;

beforeAll(async () => {
  ({ app } = await synthesize(everything));
});

const findings = new Set<string>();

/** Notes a finding, answered or not. */
function note(pack: string, { node, rule, ruleSuffixOverride }: IApplyRule): void {
  const result = rule(node);
  const isFinding = result === NagRuleCompliance.NON_COMPLIANT || Array.isArray(result);
  if (isFinding) findings.add(`${pack}-${ruleSuffixOverride ?? rule.name}`);
}

class Hipaa extends HIPAASecurityChecks {
  protected override applyRule(check: IApplyRule): void {
    note(this.readPackName, check);
  }
}
class Nist extends NIST80053R5Checks {
  protected override applyRule(check: IApplyRule): void {
    note(this.readPackName, check);
  }
}
class Pci extends PCIDSS321Checks {
  protected override applyRule(check: IApplyRule): void {
    note(this.readPackName, check);
  }
}
class Serverless extends ServerlessChecks {
  protected override applyRule(check: IApplyRule): void {
    note(this.readPackName, check);
  }
}

describe('each finding of cdk-nag', () => {
  it.each(packs.map((Pack) => [Pack.name, Pack] as const))('in %s has an answer', (_, Pack) => {
    expect(new Pack(app).validateScope(app).violations).toEqual([]);
  });

  it('is one that an answer is for, and no answer is left over', () => {
    for (const pack of [new Hipaa(), new Nist(), new Pci(), new Serverless()]) pack.validateScope(app);
    expect([...packAnswers.keys()].sort()).toEqual([...findings].sort());
  });
});

describe('each answer', () => {
  it('is a sentence', () => {
    for (const [id, reason] of packAnswers) expect(reason, id).toMatch(/^[A-Z].{40,}\.$/);
  });
});

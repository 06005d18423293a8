/** Holds the quotas and the check list of docs/deploying.md to the settings, the stack's template and the command's words. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../lib/settings/settings.ts';
import { type Resources, synthesize } from '../lib/synthesize.ts';
import { textOf } from './documents.ts';
import { blocksIn } from './markdown.ts';

const text = await textOf('docs/deploying.md');
const sections = text.split(/^## /m);

/** The section of a title, without the title. */
const sectionOf = (title: string): string => sections.find((section) => section.startsWith(`${title}\n`)) ?? '';

/** The variables of the check list, as a reader may set them. */
const variables: Readonly<Record<string, string>> = {
  STACK: 'Bastions',
  MAIL: 'you@example.com',
  ME: 'arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com',
};

describe('a deployment on the page', () => {
  const lines = blocksIn(text)
    .flatMap((block) => block.text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => /(^|\bcdk )(deploy|destroy)\b.* -c /.test(line));

  it('is one of many', () => {
    expect(lines.length).toBeGreaterThan(5);
  });

  it.each(lines)('has settings that the build accepts: %s', (line) => {
    const plain = line.replaceAll(/\$(\w+)/g, (word, name: string) => variables[name] ?? word).replaceAll(/['"]/g, '');
    const pairs = [...plain.matchAll(/ -c (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const);
    expect(pairs).toHaveLength(line.split(' -c ').length - 1);
    expect(() => readSettings(Object.fromEntries(pairs))).not.toThrow();
  });
});

describe('the quotas of new accounts', () => {
  const quotas = sectionOf('Quotas of new accounts');

  it('say how many of our tasks each number of vCPU is', () => {
    const { cpu, maxSessions, maxTargets } = readSettings({});
    const tasks = (vcpu: number) => (vcpu * 1024) / cpu;
    expect(quotas).toContain(
      `| 6 vCPU | ${tasks(6)} tasks of ${cpu} CPU units. 5 vCPU are ${tasks(5)} tasks, 2 vCPU are ${tasks(2)}.`,
    );
    expect(quotas).toContain(`together want ${((maxSessions + maxTargets) * cpu) / 1024} vCPU`);
    expect(quotas).toContain(`for 12 vCPU, ${tasks(12)} tasks`);
  });

  it('name the AWS page of each number', () => {
    const rows = quotas.split('\n').filter((line) => /^\| (?!Quota|---)/.test(line));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter((row) => !/^\| \[[^\]]+\]\(https:\/\/docs\.aws\.amazon\.com\/\S+\)/.test(row))).toEqual([]);
  });
});

describe('the check list of the first deployment', () => {
  const list = sectionOf('Check list of the first deployment');
  const steps = list
    .split(/^(?=\d+\. \*\*)/m)
    .slice(1)
    .map((step) => ({ title: step.split('**')[1] ?? '', step }));
  const commands = blocksIn(list)
    .map((block) => block.text)
    .join('\n');

  it('ends the page, and is numbered without a gap', () => {
    expect(sections.at(-1)).toBe(list);
    expect(steps.map(({ step }) => Number.parseInt(step, 10))).toEqual(steps.map((_, index) => index + 1));
    expect(steps.length).toBeGreaterThan(10);
  });

  it.each(steps)('has commands for AWS, what to expect and what to send: $title', ({ step }) => {
    expect(blocksIn(step).map(({ language, marks }) => `${language} ${marks.join(' ')}`)).toEqual(['sh aws']);
    expect(step).toMatch(/^ +Expect: /m);
    expect(step.replaceAll(/\s+/g, ' ')).toMatch(/\b(If (it is )?(not|so), send|Send in any case): /);
  });

  it('uses commands of bastion that exist', async () => {
    const reference = await textOf('docs/cli.md');
    const used = [...commands.matchAll(/\bbastion ([a-z][a-z-]*)/g)].map(([, name = '']) => name);
    expect(used).toEqual(
      expect.arrayContaining(['configure', 'doctor', 'up', 'ssh', 'extend', 'ls', 'sweep', 'login']),
    );
    expect(used.filter((name) => !reference.includes(`\n### bastion ${name}\n`))).toEqual([]);
  });

  describe('names', () => {
    let resources: Resources;
    let outputs: readonly string[];

    beforeAll(async () => {
      const stack = await synthesize();
      resources = stack.resources;
      outputs = Object.keys(stack.template.findOutputs('*'));
    });

    const idsOf = (type: string, prefix: string) =>
      Object.keys(resources).filter((id) => id.startsWith(prefix) && resources[id]?.Type === type);

    it('one resource of the stack wherever it looks one up', () => {
      const found = [...commands.matchAll(/\bresource (AWS::\S+) (\w+)/g)].map(([, type = '', prefix = '']) =>
        idsOf(type, prefix),
      );
      expect(found.length).toBeGreaterThan(2);
      expect(found.filter((ids) => ids.length !== 1)).toEqual([]);
    });

    it('a function and an output of the stack', () => {
      const [, prefix = ''] = /contains\(FunctionArn, '\$STACK-(\w+)'\)/.exec(commands) ?? [];
      expect(idsOf('AWS::Lambda::Function', prefix)).toHaveLength(1);
      const used = [...commands.matchAll(/\$\(output (\w+)\)/g)].map(([, name = '']) => name);
      expect(used).not.toEqual([]);
      expect(used.filter((name) => !outputs.includes(name))).toEqual([]);
    });
  });
});

/** Writes the results of a run into RESULTS.md: each program has one section there, and replaces it. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';

export const resultsPath = join(import.meta.dirname, 'RESULTS.md');
const head =
  '# Results\n\nThe programs write this file: `npm run test:simulation`, `test:faults` and `test:measures` with `--record`.\n';

/** @param lines the section's text, in Markdown. The date, machine and commit of this run are put above it. */
export async function record(title: string, command: string, lines: readonly string[]): Promise<void> {
  const text = await readFile(resultsPath, 'utf8').catch(() => head);
  const section = [`## ${title}`, '', provenance(command), '', ...lines].join('\n');
  await writeFile(resultsPath, replaceSection(text, title, section));
}

/** Replaces the section of this title, or appends it. @param section begins with its heading and ends without newline */
export function replaceSection(text: string, title: string, section: string): string {
  const [intro = '', ...sections] = text.trimEnd().split(/^(?=## )/m);
  const isIts = (one: string) => one.startsWith(`## ${title}\n`);
  const all = sections.some(isIts) ? sections.map((one) => (isIts(one) ? section : one)) : [...sections, section];
  return `${[intro, ...all].map((one) => one.trimEnd()).join('\n\n')}\n`;
}

/** The commit of the code as it is, `abc1234`, or `abc1234+` with changes. The results themselves are no change. */
export function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':!RESULTS.md') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
}

function provenance(command: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `\`${command}\`, ${date}, commit ${commit()}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}).`;
}

/** A Markdown table. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)];
}

/** Prints each section of the report, and writes it into RESULTS.md on request. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { replaceSection } from '../test/simulation/results.ts';

const path = join(import.meta.dirname, 'RESULTS.md');
const head =
  '# Results\n\n`npm run bench -- --record` writes this page. `-- --only <section>` measures one section again.\n';

export interface Section {
  /** Its name in `--only`. */
  readonly name: string;
  readonly title: string;
  /** One sentence: how it is measured, and which figures should be flat or small. */
  readonly how: string;
  /** Returns its tables. Throws a sentence that says what is missing where it cannot run. */
  readonly measure: () => Promise<string>;
}

/** Replaces a section of RESULTS.md, or appends it. */
export async function record(section: Section, text: string): Promise<void> {
  const page = await readFile(path, 'utf8').catch(() => head);
  await writeFile(path, replaceSection(page, section.title, markdown(section, text)));
}

const markdown = ({ title, how }: Section, text: string): string =>
  [`## ${title}`, '', how, '', `${machine()}`, '', '```text', text.trimEnd(), '```'].join('\n');

/** The date and the machine, without its name. */
function machine(): string {
  const date = new Date().toISOString().slice(0, 10);
  const model = cpus()[0]?.model.trim() || 'processor of an unknown model';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `Measured on ${date}: ${availableParallelism()} cores (${model}), ${memory}, Node ${process.versions.node}.`;
}

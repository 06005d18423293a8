/** A person's terminal, into which lines of the page are pasted. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download, Page } from 'playwright-core';
import { type Outcome, run } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

export async function openTerminal() {
  const home = await makeTemporaryFolder('page-home');
  for (const folder of ['.ssh', 'Downloads']) await mkdir(join(home.path, folder), { mode: 0o700 });
  return {
    save: (download: Download) => download.saveAs(join(home.path, 'Downloads', download.suggestedFilename())),
    /** @param remote what ssh runs on the bastion */
    run(line: string, remote = ''): Promise<Outcome> {
      // ssh looks for `~` in the home that the system knows, whatever HOME says, and would read the developer's own settings.
      const own = line.replaceAll('~', home.path).replace(/^ssh /, 'ssh -F none -o BatchMode=yes ');
      return run('sh', ['-c', `${own} ${remote}`]);
    },
    path: home.path,
    [Symbol.asyncDispose]: () => home.remove(),
  };
}

/** Presses a button that copies, and reads the clipboard. */
export async function copied(page: Page, label: string): Promise<string> {
  const button = page.getByRole('button', { name: new RegExp(`^(Copy|Copied): ${label}$`) });
  await button.click();
  await page.getByRole('status').getByText('Copied').waitFor();
  const line = await page.evaluate<string>('navigator.clipboard.readText()');
  await button.blur();
  return line;
}

/** A Debian package with the stand-ins of `local/stand-ins`, each under the name of a vendor's agent. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';

const standIns = join(import.meta.dirname, '../../local/stand-ins');

const control = `Package: bastion-stand-ins
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.com>
Description: stand-ins for the vendors' agents, which open no connection
`;

/** Resolves with the package. It is an archive of three files, so that no machine needs Debian's tools to make it. */
export async function standInPackage(): Promise<Buffer> {
  await using folder = await makeTemporaryFolder('stand-ins');
  const programs = join(folder.path, 'data/usr/bin');
  await mkdir(programs, { recursive: true });
  await cp(standIns, programs, { recursive: true, verbatimSymlinks: true });
  await mkdir(join(folder.path, 'control'));
  await writeFile(join(folder.path, 'control/control'), control);
  return archive({
    'debian-binary': Buffer.from('2.0\n'),
    'control.tar': await tar(folder.path, 'control'),
    'data.tar': await tar(folder.path, 'data'),
  });
}

async function tar(folder: string, part: string): Promise<Buffer> {
  const file = join(folder, `${part}.tar`);
  await promisify(execFile)('tar', ['-C', join(folder, part), '--numeric-owner', '-cf', file, '.']);
  return readFile(file);
}

/** https://manpages.debian.org/ar.5 */
function archive(files: Readonly<Record<string, Buffer>>): Buffer {
  const members = Object.entries(files).flatMap(([name, content]) => [
    Buffer.from(
      `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    ),
    content,
    Buffer.from(content.length % 2 === 0 ? '' : '\n'),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members]);
}

#!/usr/bin/env node
/**
 * The command `bastion`. A published package has the built program beside this file's folder. A checkout has its sources, which
 * need the Node that npm has put into node_modules if the one that runs here cannot read TypeScript.
 */
const program = (await built()) ?? (await sources());
if (program === undefined) await runOnPinnedNode();
else process.exitCode = await program.main(process.argv.slice(2), process.env);

/** A look for the file would take longer than the import: Node's own `node:fs` takes 5 ms to import. */
async function built() {
  try {
    return await import('../cli/main.js');
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  }
}

async function sources() {
  if (process.features.typescript) return import('../cli/main.ts');
}

/** Runs this file again on the Node of node_modules, which gets the terminal, the signals and the last word on the exit code. */
async function runOnPinnedNode() {
  const { spawn } = await import('node:child_process');
  const { createRequire } = await import('node:module');
  const { constants } = await import('node:os');
  const { fileURLToPath } = await import('node:url');
  let node;
  try {
    node = createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    const root = fileURLToPath(new URL('..', import.meta.url));
    process.stderr.write(
      `bastion: got Node ${process.versions.node} and no node_modules, expected Node 22.18 or newer, or the one that npm brings. Run "npm ci" in ${root}.\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

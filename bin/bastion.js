#!/usr/bin/env node
/**
 * The command `bastion` of a checkout, whose sources need the Node that npm has put into node_modules if the one that runs here
 * cannot read TypeScript. The published package has the built program in place of this file.
 */
const program = await sources();
if (program === undefined) await runOnPinnedNode();
else process.exitCode = await program.main(process.argv.slice(2), process.env);

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

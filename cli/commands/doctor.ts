/** `bastion doctor`: looks for what keeps a person from the bastion. */
import type { Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import { exitCodes } from '../terminal/errors.ts';
import { examples } from './help.ts';

export function addDoctor(program: Command, invocation: Invocation): void {
  program
    .command('doctor')
    .description(
      'check ssh, keys, ssh_config, the API, the clock, credentials, addresses and the port; it starts nothing, and ends with 1 after a fault',
    )
    .addHelpText(
      'after',
      examples([
        ['bastion doctor', 'a line for each check: ok, warning or fault, and what to do'],
        ['bastion up; bastion doctor', 'with a live bastion, whose port it tries too'],
        ['bastion doctor --json | jq \'.[] | select(.status != "ok")\'', 'the findings alone'],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const { examine, findingsText } = await import('../session/doctor/doctor.ts');
      const terminal = invocation.terminal(command);
      const findings = await examine((onBroken) => invocation.settings(command, onBroken), terminal, invocation.env);
      terminal.result(findingsText(findings), findings);
      if (findings.some(({ status }) => status === 'fault')) invocation.exitCode = exitCodes.failed;
    });
}

/** The command line: every command with its options, and the options that all of them share. */
import { Command } from 'commander';
import { addCompletion } from './commands/completion.ts';
import { addConfigure } from './commands/configure.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addExtend } from './commands/extend.ts';
import { examples } from './commands/help.ts';
import { addLogin, addLogout } from './commands/login.ts';
import { addLs } from './commands/ls.ts';
import { addProxy } from './commands/proxy.ts';
import { addSsh } from './commands/ssh.ts';
import { addSshConfig } from './commands/ssh-config.ts';
import { addStatus } from './commands/status.ts';
import { addSweep } from './commands/sweep.ts';
import { addTunnel } from './commands/tunnel.ts';
import { addUp } from './commands/up.ts';
import type { Invocation } from './invocation.ts';

const environment = `
Environment:
  BASTION_URL, BASTION_USER       as --url and --user
  AWS_PROFILE, AWS_REGION, AWS_*  credentials, as the AWS CLI reads them
  BASTION_ID_TOKEN                token of a GitLab job, from its id_tokens; GitHub's is found without
  BASTION_NO_START                any value keeps ssh from starting a bastion by itself
  HTTPS_PROXY, NO_PROXY           the way to the API, with Node 24.14 or newer
  CI                              any value but "false" leaves out progress and notes

Flags come before the environment, the environment before the bastion.json of this folder or the nearest one
above it, and that before ~/.config/bastion/config.json.

Exit codes: 0 done, 1 failed, 2 usage, 3 no bastion is live, 4 refused, 5 try again later, 130 interrupted.
ssh and tunnel --exec end with the code of the program they run.`;

export function createProgram(invocation: Invocation): Command {
  const program = createCommands(invocation);
  addCompletion(program, invocation, () => createCommands(invocation));
  return program.addHelpText(
    'after',
    examples([
      ['bastion configure --url http://127.0.0.1:6001', 'use the local run from now on'],
      ['bastion ssh app.internal', 'a shell on a host behind the bastion'],
      ['bastion', 'show your live bastion'],
    ]),
  );
}

const commands = [
  addStatus,
  addUp,
  addSsh,
  addTunnel,
  addLs,
  addExtend,
  addDown,
  addSshConfig,
  addProxy,
  addConfigure,
  addLogin,
  addLogout,
  addDoctor,
  addSweep,
] as const;

function createCommands(invocation: Invocation): Command {
  const program = new Command('bastion')
    .description('An SSH bastion that exists only while you need it.')
    .usage('[options] [command]')
    .option('--url <url>', "the API: the stack's output ApiUrl, or the URL that npm start prints")
    .option('--config <file>', 'take the settings from this file, instead of the environment and the usual files')
    .option('--region <region>', 'region of the signature, where the URL does not name it')
    .option('--profile <profile>', 'profile of the AWS credentials')
    .option('--user <user>', "another user's bastion, for admins")
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'leave out progress and notes')
    .option('--verbose', 'show every request, and the stack of an error')
    .option('--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .addHelpText('after', environment);
  for (const add of commands) add(program, invocation);
  return program;
}

/** `bastion configure`: names the deployment that later commands talk to. */
import type { Command } from 'commander';
import { flagsOf, type Invocation, optionsOf, textOption } from '../invocation.ts';
import { examples } from './help.ts';

export function addConfigure(program: Command, invocation: Invocation): void {
  program
    .command('configure')
    .description(
      'test the deployment of --stack or --url and store it, with --region, --profile and --user if they are given',
    )
    .option('--stack <name>', "look the API up in a stack's outputs, with your own credentials")
    .option('--aws', 'use your AWS credentials, also where people sign in with an identity provider')
    .addHelpText(
      'after',
      examples([
        ['bastion configure --stack Bastions', 'the stack of that name, in your region'],
        ['bastion configure --stack Bastions --profile work', 'later commands use the profile too'],
        ['bastion configure --url https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com', "the stack's output ApiUrl"],
        ['bastion configure --url http://127.0.0.1:6001', 'the local run'],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const { configure } = await import('../session/configure.ts');
      const { file, values, signIn } = await configure(
        flagsOf(command),
        { stack: textOption(command, 'stack'), isAws: optionsOf(command).aws === true },
        await invocation.settings(command),
        invocation.terminal(command),
        invocation.env,
      );
      const next = signIn === 'oidc' ? ' Run "bastion login" next.' : '';
      const text = `${values.url} answers, and is set in ${file}.${next}`;
      invocation.terminal(command).result(text, { file, ...values, signIn });
    });
}

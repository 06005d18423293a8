/** `bastion login` and `bastion logout`: sign in with the identity provider of a deployment. */
import { type Command, Option } from 'commander';
import { type Invocation, numberOption, optionsOf } from '../invocation.ts';
import { examples } from './help.ts';

export function addLogin(program: Command, invocation: Invocation): void {
  program
    .command('login')
    .description('sign in with your company, where the deployment has an identity provider')
    .option('--device', 'sign in on another device, by a code')
    .option('--no-browser', 'print the page alone, and open no browser')
    .addOption(new Option('--timeout <seconds>', 'give up waiting after so long').default('300', '300'))
    .addHelpText(
      'after',
      examples([
        ['bastion login', 'in the browser of this machine'],
        ['bastion login --device', 'from a machine without one, such as behind ssh'],
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const terminal = invocation.terminal(command);
      const { device, browser } = optionsOf(command);
      const timeoutSeconds = numberOption(command, 'timeout', 1, 3600);
      const { login } = await import('../session/login.ts');
      const isDevice = device === true;
      // A script has no person who waits for a browser.
      const mayOpen = browser !== false && terminal.isWatched;
      const settings = await invocation.settings(command);
      const done = await login(settings, terminal, invocation.env, { isDevice, mayOpen, timeoutSeconds });
      const { localTime } = await import('../terminal/times.ts');
      const { url, user, isAdmin, expiresAt, isRenewed } = done;
      const who = `Signed in to ${url}${user === undefined ? '' : ` as ${user}`}${isAdmin === true ? ', an admin' : ''}.`;
      const until = expiresAt === undefined || isRenewed ? '' : ` Until ${localTime(expiresAt, Date.now())}.`;
      terminal.result(`${who}${until}`, done);
    });
}

export function addLogout(program: Command, invocation: Invocation): void {
  program
    .command('logout')
    .description('forget the sign-in, and end it at the identity provider where that can')
    .addHelpText('after', examples([['bastion logout', 'a live bastion stays, until it expires']]))
    .action(async (_options: unknown, command: Command) => {
      const { logout, signedOutText } = await import('../session/logout.ts');
      const done = await logout(await invocation.settings(command), invocation.env);
      invocation.terminal(command).result(signedOutText(done), done);
    });
}

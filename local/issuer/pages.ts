/** The pages of the issuer: who signs in, and what else the protocol has to ask or say. */
import { isAdmin, type Person } from './people.ts';

/** Headers of every page. It runs no script, and no other page frames it. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
} as const;

const style = `
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }
  button, input { font: inherit; padding: 0.6rem 1rem; margin: 0.25rem 0; width: 100%; box-sizing: border-box; }
  button { text-align: start; cursor: pointer; }
  small { opacity: 0.75; }`;

/** @param body HTML */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
<main>
<h1>${title}</h1>
${body}
<p><small>This is the identity provider of a local run. It ends with the run, and asks for no password.</small></p>
</main>
`;

export const loginPage = (people: readonly Person[]): string =>
  page(
    'Sign in',
    `<form method="post">
${people
  .map(
    (person) =>
      `<button name="person" value="${person.id}">${person.name}<br><small>${person.email}${isAdmin(person) ? ', an admin' : ''}</small></button>`,
  )
  .join('\n')}
</form>`,
  );

/**
 * A page around a form of the provider.
 * @param form HTML
 * @param button attributes and text of the button that sends it
 */
export const formPage = (title: string, form: string, button: string, words = ''): string =>
  page(title, `${words}${form}<button type="submit" autofocus ${button}</button>`);

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);

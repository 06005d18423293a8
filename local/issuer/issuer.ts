/** An identity provider on this machine, with people of its own, so that sign-in works offline. Nothing of it deploys. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';
import { guard } from '../../emulator/guard.ts';
import { type ListeningServer, listen } from '../../emulator/listen.ts';
import { audience, clientId, configurationOf, type IssuerBehaviour, newSigningKey, scope } from './configuration.ts';
import { loginPage, page, pageHeaders } from './pages.ts';
import { adminGroup, domain, people as everybody } from './people.ts';

export interface IssuerOptions extends Pick<IssuerBehaviour, 'isPage'>, Partial<Omit<IssuerBehaviour, 'isPage'>> {
  readonly port: number;
}

const maxFormCharacters = 1000;

/** Accepts connections on 127.0.0.1. Throws a sentence when the port is taken. */
export async function serveIssuer({ port, ...options }: IssuerOptions): Promise<ListeningServer> {
  const behaviour = { people: everybody, tokenSeconds: 3600, signingKey: newSigningKey(), ...options };
  // The issuer's name has its port in it, so that the provider is made once the server listens.
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
  const server = createServer((request, response) => {
    const refusal = refusalOf(request);
    if (refusal === undefined) answer(request, response);
    else response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' }).end(`${refusal}\n`);
  });
  const refusalOf = guard(server, { allowsOwnPages: true, allowsPage: options.isPage });
  const listening = await listen(server, { port, title: 'the identity provider', portVariable: 'ISSUER_PORT' });
  const provider = new Provider(listening.url, configurationOf(behaviour));
  const protocol = provider.callback();
  answer = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) void protocol(request, response);
    else signIn(provider, behaviour, { request, response }).catch(() => refuse(response));
  };
  return listening;
}

/** The settings of a stack whose people sign in here. */
export const settingsFor = (issuer: string): Readonly<Record<string, string>> => ({
  oidcIssuer: issuer,
  oidcClientId: clientId,
  oidcAudience: audience,
  oidcScopes: scope,
  oidcDomains: domain,
  oidcAdmins: `group:${adminGroup}`,
});

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Shows who can sign in, and goes on as the person who was chosen. */
async function signIn(provider: Provider, { people }: IssuerBehaviour, { request, response }: Exchange): Promise<void> {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, pageHeaders).end(loginPage(people));
    return;
  }
  const form = new URLSearchParams((await text(request)).slice(0, maxFormCharacters));
  const person = people.find(({ id }) => id === form.get('person'));
  if (person === undefined) return refuse(response);
  await provider.interactionFinished(request, response, { login: { accountId: person.id } });
}

/** The interaction has ended, or was never begun in this browser. */
function refuse(response: ServerResponse): void {
  response
    .writeHead(400, pageHeaders)
    .end(page('That did not work', '<p>Begin again where you wanted to sign in.</p>'));
}

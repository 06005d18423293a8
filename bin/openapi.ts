/**
 * The HTTP API as an OpenAPI 3.1 document, made from the schemas that the functions parse and reply by.
 * `npm run openapi` writes it to `docs/openapi.json`.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import {
  errorBody,
  pageSize,
  queries,
  routes,
  sessionList,
  sessionStates,
  sessionView,
  startBody,
  userPattern,
  waitSeconds,
} from '../contracts/api.ts';

type Route = keyof typeof routes;

interface Operation {
  readonly summary: string;
  /** Description of each reply by its status. */
  readonly replies: Readonly<Record<number, string>>;
  readonly body?: Readonly<Record<string, object>>;
  readonly reply: Readonly<Record<string, object>>;
  readonly security: readonly object[];
}

const schemaOf = (schema: v.GenericSchema): object => {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore' });
  return rest;
};
const json = (schema: object) => ({ 'application/json': { schema } });
const text = (description: string) => ({ 'text/plain': { schema: { type: 'string', description } } });
const session = { $ref: '#/components/schemas/Session' };
const nothing = { type: 'object', maxProperties: 0 };
const signed = [{ sigv4: [] }];
const webhook = [{ webhook: [] }];

const activation = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string', minLength: 1, maxLength: 2048 }])),
});

const operations: Readonly<Record<Route, Operation>> = {
  start: {
    summary: 'Starts the bastion of a user, or finds the live one.',
    body: {
      'text/plain': { schema: { type: 'string', description: 'An OpenSSH public key line, or nothing.' } },
      ...json(schemaOf(startBody)),
    },
    reply: { ...text('The address of the bastion.'), ...json(session) },
    replies: {
      200: 'sshd accepts connections.',
      202: 'The bastion is starting. Try again after `retry-after` seconds.',
    },
    security: signed,
  },
  look: {
    summary: 'Shows the live bastion of a user.',
    reply: { ...text('The address of the bastion, once it is known.'), ...json(session) },
    replies: { 200: 'The live bastion.' },
    security: signed,
  },
  knownHosts: {
    summary: 'Shows the host keys of the live bastion of a user, also while it starts.',
    reply: text('Lines for a known_hosts file of its own, under the name `bastion`.'),
    replies: { 200: 'The host keys.' },
    security: signed,
  },
  stop: {
    summary: 'Asks for the removal of the bastion of a user.',
    reply: { ...text('Nothing.'), ...json(nothing) },
    replies: { 200: 'The bastion is being removed, or there is none.' },
    security: signed,
  },
  list: {
    summary: 'Lists sessions, newest first.',
    reply: json({ $ref: '#/components/schemas/SessionList' }),
    replies: { 200: 'One page of sessions.' },
    security: signed,
  },
  health: {
    summary: 'Tells whether the service works.',
    reply: json(nothing),
    replies: { 200: 'The table and the cluster answer.' },
    security: [],
  },
  startTarget: {
    summary: 'Starts a target for an activation. The same activation always means the same target.',
    body: json({
      anyOf: [
        activation('activationId', 'activationRegion', 'activationCode'),
        activation('activationToken', 'environmentId'),
        activation('activationToken', 'serviceUrl'),
      ],
    }),
    reply: json({ anyOf: [activation('containerId'), activation('uniqueId')] }),
    replies: { 200: 'AWS has accepted the task.' },
    security: webhook,
  },
  stopTarget: {
    summary: 'Asks for the removal of a target.',
    body: json({ anyOf: [activation('containerId'), activation('uniqueId')] }),
    reply: json(nothing),
    replies: { 200: 'The target is being removed, or is gone.' },
    security: webhook,
  },
};

/** Forms of the parameters that are more than text. */
const parameterSchemas: Readonly<Record<string, object>> = {
  user: { type: 'string', pattern: userPattern.source },
  ttl: { type: 'string', pattern: '^[0-9]{1,6}[mh]$' },
  wait: { type: 'integer', minimum: 0, maximum: waitSeconds.most },
  state: { type: 'string', enum: sessionStates },
  limit: { type: 'integer', minimum: pageSize.least, maximum: pageSize.most, default: pageSize.default },
};

export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const id of Object.keys(routes).filter(isRoute)) {
    const [method = '', path = ''] = routes[id].split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(id) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Bastion on Demand', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: 'http://127.0.0.1:6001', description: 'The local run.' }],
    paths,
    components: {
      schemas: { Session: schemaOf(sessionView), SessionList: schemaOf(sessionList), Error: schemaOf(errorBody) },
      securitySchemes: {
        sigv4: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'AWS Signature Version 4, execute-api.',
        },
        webhook: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`Basic`, then the shared secret.',
        },
      },
    },
  };
}

const isRoute = (id: string): id is Route => id in routes;

function operationOf(id: Route): object {
  const { summary, body, reply, replies, security } = operations[id];
  const error = {
    description: 'An error, as one sentence to act on.',
    content: json({ $ref: '#/components/schemas/Error' }),
  };
  return {
    operationId: id,
    summary,
    security,
    parameters: Object.keys(queries[id].entries).map((name) => ({
      name,
      in: 'query',
      schema: parameterSchemas[name] ?? { type: 'string' },
    })),
    ...(body && { requestBody: { content: body } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, description]) => [status, { description, content: reply }]),
      ),
      default: error,
    },
  };
}

if (import.meta.main) {
  await writeFile(join(import.meta.dirname, '../docs/openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`);
}

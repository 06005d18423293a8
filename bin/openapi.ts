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
import { type Door, doors, securitySchemes, signed, webhook } from './openapi-doors.ts';
import { type ErrorStatus, errorReplies, gatewayError, tokenReplies } from './openapi-errors.ts';
import { resultHeaders } from './openapi-headers.ts';
import { startTargetBody, targetId } from './openapi-webhooks.ts';

type Route = keyof typeof routes;

interface Operation {
  readonly summary: string;
  /** Description of each reply by its status. */
  readonly replies: Readonly<Record<number, string>>;
  /** Statuses of the errors that this route has beside those of every route. */
  readonly errors: readonly ErrorStatus[];
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
/** A key that nobody has the other half of: its bytes are a sentence. */
const exampleKey = `ssh-ed25519 ${Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.from('These 32 bytes are no key of you'),
]).toString('base64')} ann@laptop`;

const operations: Readonly<Record<Route, Operation>> = {
  start: {
    summary: 'Starts the bastion of a user, or finds the live one.',
    body: {
      'text/plain': {
        schema: { type: 'string', description: 'An OpenSSH public key line, or nothing.' },
        example: exampleKey,
      },
      'application/json': { schema: schemaOf(startBody), example: { publicKey: exampleKey } },
    },
    reply: { ...text('The address of the bastion.'), ...json(session) },
    replies: {
      200: 'sshd accepts connections.',
      202: 'The bastion is starting. Try again after `retry-after` seconds.',
    },
    errors: [403, 409, 502],
    security: signed,
  },
  look: {
    summary: 'Shows the live bastion of a user.',
    reply: { ...text('The address of the bastion, once it is known.'), ...json(session) },
    replies: { 200: 'The live bastion.' },
    errors: [403, 404, 409],
    security: signed,
  },
  knownHosts: {
    summary: 'Shows the host keys of the live bastion of a user, also while it starts.',
    reply: text('Lines for a known_hosts file of its own, under the name `bastion`.'),
    replies: { 200: 'The host keys.' },
    errors: [403, 404],
    security: signed,
  },
  stop: {
    summary: 'Asks for the removal of the bastion of a user.',
    reply: { ...text('Nothing.'), ...json(nothing) },
    replies: { 200: 'The bastion is being removed, or there is none.' },
    errors: [403, 409],
    security: signed,
  },
  list: {
    summary: 'Lists sessions, newest first.',
    reply: json({ $ref: '#/components/schemas/SessionList' }),
    replies: { 200: 'One page of sessions.' },
    errors: [403],
    security: signed,
  },
  health: {
    summary: 'Tells whether the service works.',
    reply: json(nothing),
    replies: { 200: 'The table and the cluster answer.' },
    errors: [],
    security: [],
  },
  startTarget: {
    summary: 'Starts a target for an activation. The same activation always means the same target.',
    body: json(startTargetBody),
    reply: json(targetId),
    replies: { 200: 'AWS has accepted the task.' },
    errors: [401, 501],
    security: webhook,
  },
  stopTarget: {
    summary: 'Asks for the removal of a target.',
    body: json(targetId),
    reply: json(nothing),
    replies: { 200: 'The target is being removed, or is gone.' },
    errors: [401, 404, 409],
    security: webhook,
  },
};

/** Forms of the parameters that are more than text. */
const parameterSchemas: Readonly<Record<string, object>> = {
  user: { type: 'string', pattern: userPattern.source },
  ttl: { type: 'string', pattern: '^[0-9]*[1-9][0-9]*[mh]$', maxLength: 7 },
  next: { type: 'string', minLength: 1 },
  wait: { type: 'integer', minimum: 0, maximum: waitSeconds.most },
  state: { type: 'string', enum: sessionStates },
  limit: { type: 'integer', minimum: pageSize.least, maximum: pageSize.most, default: pageSize.default },
};

export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const door of doors) {
    for (const [id, key] of Object.entries(door.routes)) {
      const [method = '', path = ''] = key.split(' ');
      if (isRoute(id)) paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(id, door) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Bastion on Demand', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: 'http://127.0.0.1:6001', description: 'The local run.' }],
    paths,
    components: {
      schemas: {
        Session: schemaOf(sessionView),
        SessionList: schemaOf(sessionList),
        Error: schemaOf(errorBody),
        GatewayError: gatewayError,
      },
      securitySchemes,
    },
  };
}

const isRoute = (id: string): id is Route => id in routes;

function operationOf(id: Route, door: Door): object {
  const { summary, body, reply, replies, security, errors: ofRoute } = operations[id];
  const names = Object.keys(queries[id].entries).filter((name) => !door.absent.includes(name));
  return {
    operationId: `${door.prefix}${id}`,
    summary,
    security: door.security ?? security,
    parameters: names.map((name) => ({ name, in: 'query', schema: parameterSchemas[name] ?? { type: 'string' } })),
    // A person's start without a key takes the stored one.
    ...(body && { requestBody: { content: body, required: security === webhook } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(replies).map(([status, description]) => [
          status,
          { description, headers: resultHeaders(status === '202'), content: reply },
        ]),
      ),
      ...errorReplies(ofRoute),
      ...(door.security && tokenReplies),
    },
  };
}

if (import.meta.main) {
  await writeFile(join(import.meta.dirname, '../docs/openapi.json'), `${JSON.stringify(openApi(), null, 2)}\n`);
}

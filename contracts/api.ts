/**
 * The HTTP API for people: routes, queries, bodies and replies. The functions parse and reply by it, and every client of the
 * API can parse by it too.
 */
import * as v from 'valibot';
import { webhookAgents } from './agent.ts';
import { moment } from './moment.ts';

/** Method and path of each route, as API Gateway's route keys. */
export const routes = {
  start: 'POST /',
  look: 'GET /',
  knownHosts: 'GET /known_hosts',
  stop: 'DELETE /',
  list: 'GET /sessions',
  health: 'GET /health',
  startTarget: 'POST /start',
  stopTarget: 'POST /stop',
} as const;

/** Query parameters of each route, all optional text. */
export const queries = {
  start: v.object({ user: v.optional(v.string()), ttl: v.optional(v.string()), wait: v.optional(v.string()) }),
  look: v.object({ user: v.optional(v.string()), wait: v.optional(v.string()) }),
  knownHosts: v.object({ user: v.optional(v.string()) }),
  stop: v.object({ user: v.optional(v.string()) }),
  list: v.object({
    user: v.optional(v.string()),
    state: v.optional(v.string()),
    limit: v.optional(v.string()),
    next: v.optional(v.string()),
  }),
  health: v.object({}),
  startTarget: v.object({}),
  stopTarget: v.object({}),
};

/** A user's name: IAM's characters for a user name and a role session name. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const userPattern = /^[A-Za-z0-9_+=,.@-]{1,64}$/;

/** Sessions on one page of `GET /sessions`. */
export const pageSize = { least: 1, most: 100, default: 50 };

/** Seconds for which `POST /` and `GET /` wait for a bastion that starts. API Gateway cuts a request off after 30 s. */
export const waitSeconds = { most: 28, start: 28, look: 0 } as const;

/** Header of every reply: the caller's address as API Gateway saw it. */
export const callerAddressHeader = 'x-caller-address';

/** The name of every bastion in known_hosts files, for ssh's `HostKeyAlias`. AWS hands addresses on to strangers. */
export const hostKeyAlias = 'bastion';

/** Body of `POST /` as JSON. As text it is the key line alone. */
export const startBody = v.object({ publicKey: v.string() });

/**
 * A session goes through these states in this order; a start that fails skips `running`. A `pooled` bastion waits for an owner, and
 * is `starting` again from the moment that somebody takes it.
 */
export const sessionStates = ['starting', 'pooled', 'running', 'stopping', 'stopped'] as const;
export type SessionState = (typeof sessionStates)[number];

/** Why a session has ended. `idle`: nobody was connected to the bastion for the time that the setting `idleEnd` gives. */
export const endReasons = ['stopped', 'expired', 'idle', 'exited', 'start-failed'] as const;
export type EndReason = (typeof endReasons)[number];

/** List price of a session's task and its public IPv4 address. */
export const cost = v.object({
  perHour: v.number(),
  /** From the creation to the end, or to now: a minute at least. Of a pooled bastion, from the moment that its owner took it. */
  soFar: v.number(),
  currency: v.literal('USD'),
});

export type Cost = v.InferOutput<typeof cost>;

/** A session as its owner sees it. */
export const sessionView = v.object({
  sessionId: v.string(),
  /** Absent for a pooled bastion, which is nobody's. */
  user: v.exactOptional(v.string()),
  state: v.picklist(sessionStates),
  /** Address of a bastion, from the moment on that AWS tells it. sshd accepts connections there once the state is `running`. */
  host: v.exactOptional(v.string()),
  port: v.exactOptional(v.number()),
  /** Login of a bastion. */
  login: v.exactOptional(v.string()),
  /** Fingerprint of the key that a bastion accepts, as `ssh-keygen -l` shows it. */
  keyFingerprint: v.exactOptional(v.string()),
  /** Host keys of a bastion, each as `<type> <base64>`. */
  hostKeys: v.exactOptional(v.array(v.string())),
  /** Agent kind of a webhook's target. */
  agent: v.exactOptional(v.picklist(webhookAgents)),
  /** The CIDR blocks that may connect. */
  allowedCidrs: v.array(v.string()),
  createdAt: moment,
  expiresAt: moment,
  /** ARN of the caller who started a bastion, or `<issuer>#<subject>` of its token. */
  startedBy: v.exactOptional(v.string()),
  /** Address of that caller. */
  startedFrom: v.exactOptional(v.string()),
  /** The same of the caller who last changed the addresses. */
  movedBy: v.exactOptional(v.string()),
  /** Of a stopped session. */
  endedAt: v.exactOptional(moment),
  /** Of a stopped session. */
  reason: v.exactOptional(v.picklist(endReasons)),
  /** Absent in a region whose prices are not known. */
  cost: v.exactOptional(cost),
});

export type SessionView = v.InferOutput<typeof sessionView>;

/** The warm pool of a deployment as its admins see it. */
export const poolView = v.object({
  /** Bastions that the pool keeps within its hours. */
  size: v.number(),
  /** `always`, or hours such as `Mon-Fri 08:00-18:00 Europe/Berlin`. */
  hours: v.string(),
  /** Bastions that a start could take now. */
  ready: v.number(),
  /** Bastions that come up for the pool. */
  starting: v.number(),
  /** List price of a full pool in its hours. Absent in a region whose prices are not known. */
  cost: v.exactOptional(v.object({ perMonth: v.number(), currency: v.literal('USD') })),
});

export type PoolView = v.InferOutput<typeof poolView>;

/** The person who asks, as the API knows them. */
export const caller = v.object({ user: v.string(), isAdmin: v.boolean() });

export type Caller = v.InferOutput<typeof caller>;

/** Reply of `GET /sessions`, newest first. */
export const sessionList = v.object({
  /** Absent in replies of a deployment from before the page. */
  caller: v.exactOptional(caller),
  sessions: v.array(sessionView),
  /** For admins, on the first page of everybody's sessions in every state. Absent without a pool. */
  pool: v.exactOptional(poolView),
  /** Value of `next` for the following page; absent on the last one. */
  next: v.exactOptional(v.string()),
});

export type SessionList = v.InferOutput<typeof sessionList>;

/** Body of every error: one sentence to act on. */
export const errorBody = v.object({ ErrorMessage: v.string() });

export type ErrorBody = v.InferOutput<typeof errorBody>;

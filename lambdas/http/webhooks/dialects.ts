/**
 * The four request forms that BastionZero has used for `/start` over the years, told apart by their fields, and the two names
 * it has for our id on `/stop`.
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { InvalidRequest } from '../../core/session/errors.ts';
import type { StartTarget } from '../../core/start/start-target.ts';

/** One value of an activation. It becomes an environment variable, so it holds no control characters. */
const value = v.pipe(
  v.string('expected text'),
  v.minLength(1, 'expected text that is not empty'),
  v.maxLength(2048, 'expected at most 2048 characters'),
  v.regex(/^\P{Cc}*$/u, 'expected no control characters'),
);
const optionalText = v.optional(v.union([v.literal(''), value]), '');
const serviceUrl = v.pipe(value, v.regex(/^https:\/\/[\w.-]+(:\d+)?(\/\S*)?$/, 'expected an https URL'));

const body = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()));
const ssm = v.object({ activationId: value, activationRegion: value, activationCode: value });
const bzeroSsm = v.object({ ...ssm.entries, orgId: value, orgProvider: value });
const fixedService = v.object({ activationToken: value, environmentId: value });
const namedService = v.object({ activationToken: value, environmentId: optionalText, serviceUrl });

/** The service of the form without `serviceUrl`. */
const defaultServiceUrl = 'https://cloud.bastionzero.com';

/** Parses the body of `/start`. Throws `InvalidRequest` naming the field that is missing or wrong, never its value. */
export function parseStart(text: string): StartTarget {
  const fields = fieldsOf(text);
  if ('activationToken' in fields) return 'serviceUrl' in fields ? named(fields) : fixed(fields);
  return 'orgId' in fields || 'orgProvider' in fields ? withOrganization(fields) : plain(fields);
}

const stop = v.union([v.object({ containerId: value }), v.object({ uniqueId: value })]);

/** Parses the body of `/stop`: the id of the target, under either name. Throws `InvalidRequest`. */
export function parseStop(text: string): string {
  const parsed = v.safeParse(stop, fieldsOf(text));
  if (!parsed.success) throw new InvalidRequest('containerId or uniqueId: expected the id that /start has answered.');
  return 'containerId' in parsed.output ? parsed.output.containerId : parsed.output.uniqueId;
}

function plain(fields: object): StartTarget {
  const given = parse(ssm, fields);
  return {
    agent: { kind: 'ssm', idName: 'containerId' },
    activationHash: hashOf(given.activationId, given.activationCode),
    variables: activationOf(given),
  };
}

function withOrganization(fields: object): StartTarget {
  const given = parse(bzeroSsm, fields);
  return {
    agent: { kind: 'bzero-ssm', idName: 'containerId' },
    activationHash: hashOf(given.activationId, given.activationCode),
    variables: { ...activationOf(given), ORG_ID: given.orgId, ORG_PROVIDER: given.orgProvider },
  };
}

function fixed(fields: object): StartTarget {
  return bzero({ ...parse(fixedService, fields), serviceUrl: defaultServiceUrl });
}

function named(fields: object): StartTarget {
  return bzero(parse(namedService, fields));
}

function bzero(given: v.InferOutput<typeof namedService>): StartTarget {
  return {
    agent: { kind: 'bzero', idName: 'uniqueId' },
    activationHash: hashOf(given.activationToken),
    variables: {
      SERVICE_URL: given.serviceUrl,
      ACTIVATION_TOKEN: given.activationToken,
      ENVIRONMENT_ID: given.environmentId,
    },
  };
}

const activationOf = (given: v.InferOutput<typeof ssm>) => ({
  ACTIVATION_ID: given.activationId,
  ACTIVATION_CODE: given.activationCode,
  ACTIVATION_REGION: given.activationRegion,
});

function fieldsOf(text: string): object {
  const parsed = v.safeParse(body, text);
  if (parsed.success) return parsed.output;
  throw new InvalidRequest(
    'The body is not a JSON object. Send the fields of an activation, or of the target to stop.',
  );
}

function parse<Output>(schema: v.GenericSchema<unknown, Output>, fields: object): Output {
  const parsed = v.safeParse(schema, fields);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => {
    const field = v.getDotPath(issue) ?? 'body';
    return issue.received === 'undefined' ? `${field} is missing` : `${field}: ${issue.message}`;
  });
  throw new InvalidRequest(`The request can't be understood: ${problems.join('; ')}.`);
}

/** Hashes the parts as JSON, so that two different activations never become the same text. */
function hashOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

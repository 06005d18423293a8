import * as v from 'valibot';
import { arn, type Context } from './context.ts';
import { type Operations, onlyEmulated, operationMaker, page } from './operation.ts';
import { hex, uuid } from './random.ts';
import { AwsError } from './wire.ts';

/** The Secrets Manager of an account. */
export interface Secrets {
  readonly operations: Operations;
  /** Makes a secret exist. Without `arn` its ARN ends with six random characters, as on AWS. */
  createSecret(secret: { readonly name: string; readonly value: string; readonly arn?: string }): {
    readonly arn: string;
  };
}

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

interface Version {
  readonly id: string;
  readonly value: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** The versions that have a stage. AWS deletes a version without a stage soon, and this account at once. */
  readonly versions: Map<Stage, Version>;
}

const secretId = { SecretId: v.string() };

const listSecrets = v.object({
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 100),
  NextToken: v.optional(v.string()),
  Filters: v.optional(v.array(v.object({ Key: onlyEmulated(['name']), Values: v.array(v.string()) })), []),
});

/** Makes Secrets Manager for text values. It keeps the current and the previous value of a secret, without rotation or deletion. */
export function createSecrets(context: Context): Secrets {
  const secrets = new Map<string, Secret>();
  const operation = operationMaker('InvalidParameterException', 'ValidationException');

  /** Finds a secret by its name or ARN. Throws the AwsError `ResourceNotFoundException`. */
  function find(reference: string): Secret {
    const secret = [...secrets.values()].find(({ name, arn }) => name === reference || arn === reference);
    if (secret !== undefined) return secret;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }

  const stagesOf = ({ versions }: Secret, versionId: string): Stage[] =>
    [...versions].filter(([, { id }]) => id === versionId).map(([stage]) => stage);

  const operations: Operations = {
    /** Finds a version by its id or stage. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
    GetSecretValue: operation(
      v.object({
        ...secretId,
        VersionId: v.optional(v.string()),
        VersionStage: v.optional(v.string()),
      }),
      ({ SecretId, VersionId, VersionStage }) => {
        const secret = find(SecretId);
        const wantedStage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
        const version = [...secret.versions].find(
          ([stage, { id }]) =>
            (VersionId === undefined || id === VersionId) && (wantedStage === undefined || stage === wantedStage),
        )?.[1];
        if (version === undefined) {
          const label = VersionId === undefined ? `staging label: ${wantedStage}` : `VersionId: ${VersionId}`;
          throw new AwsError(
            'ResourceNotFoundException',
            `Secrets Manager can't find the specified secret value for ${label}`,
          );
        }
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.id,
          SecretString: version.value,
          VersionStages: stagesOf(secret, version.id),
          CreatedDate: version.createdAt / 1000,
        };
      },
    ),

    /** Makes a new version the current one. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
    PutSecretValue: operation(
      v.object({
        ...secretId,
        SecretString: v.pipe(v.string(), v.minLength(1), v.maxBytes(65_536)),
        ClientRequestToken: v.pipe(v.string(), v.minLength(32), v.maxLength(64)),
      }),
      ({ SecretId, SecretString, ClientRequestToken }) => {
        const secret = find(SecretId);
        const existingVersion = [...secret.versions.values()].find(({ id }) => id === ClientRequestToken);
        if (existingVersion !== undefined && existingVersion.value !== SecretString) {
          throw new AwsError(
            'ResourceExistsException',
            "You can't use ClientRequestToken more than once with different secret values.",
          );
        }
        if (existingVersion === undefined) {
          const current = secret.versions.get('AWSCURRENT');
          if (current !== undefined) secret.versions.set('AWSPREVIOUS', current);
          secret.versions.set('AWSCURRENT', newVersion(ClientRequestToken, SecretString));
        }
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: ClientRequestToken,
          VersionStages: stagesOf(secret, ClientRequestToken),
        };
      },
    ),

    /** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
    ListSecrets: operation(listSecrets, ({ MaxResults: limit, NextToken: token, Filters }) => {
      const named = [...secrets.values()].filter(({ name }) =>
        Filters.every(({ Values }) => Values.some((prefix) => name.startsWith(prefix))),
      );
      const invalidToken = () => new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
      const { items, nextToken } = page(named, ({ name }) => name, { limit, token, invalidToken });
      return { SecretList: items.map(listed), NextToken: nextToken };
    }),

    /** Lists the versions by id. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
    DescribeSecret: operation(v.object(secretId), ({ SecretId }) => {
      const secret = find(SecretId);
      return { ...described(secret), VersionIdsToStages: stagesById(secret) };
    }),
  };

  const described = (secret: Secret) => ({
    ARN: secret.arn,
    Name: secret.name,
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: (secret.versions.get('AWSCURRENT')?.createdAt ?? secret.createdAt) / 1000,
  });

  const listed = (secret: Secret) => ({ ...described(secret), SecretVersionsToStages: stagesById(secret) });

  function stagesById(secret: Secret): Record<string, Stage[]> {
    return Object.fromEntries([...secret.versions.values()].map(({ id }) => [id, stagesOf(secret, id)]));
  }

  function newVersion(id: string, value: string): Version {
    return { id, value, createdAt: context.clock.now() };
  }

  return {
    operations,
    createSecret({ name, value, arn: secretArn }) {
      const secret = {
        name,
        arn: secretArn ?? arn(context, 'secretsmanager', `secret:${name}-${hex(context.random, 6)}`),
        createdAt: context.clock.now(),
        versions: new Map([['AWSCURRENT' as const, newVersion(uuid(context.random), value)]]),
      };
      secrets.set(name, secret);
      return { arn: secret.arn };
    },
  };
}

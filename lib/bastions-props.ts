import type { Duration } from 'aws-cdk-lib';
import type { AgentKind } from '../contracts/agent.ts';
import type { Entry } from '../contracts/stack.ts';
import type { NetworkProps } from './network-props.ts';
import type { OperationProps } from './operation-props.ts';
import type { PoolProps } from './pool-props.ts';
import type { SignInProps } from './sign-in-props.ts';

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Props of `Bastions`. `lib/settings/rules.ts` has the default and the rule of each. */
export interface BastionsProps extends NetworkProps, SignInProps, PoolProps, OperationProps {
  /**
   * Folder of each function's bundle, which holds one file, `index.mjs`.
   *
   * @default - the bundles in the package. A checkout builds them from its sources.
   */
  readonly bundles?: Readonly<Record<Entry, string>>;

  /**
   * Kinds of agents that sessions can run. `ssh` must be among them.
   *
   * `ssh` is the bastion for people. Each other kind is a target that a webhook starts, and adds the webhooks with their secret.
   *
   * @default ['ssh', 'ssm']
   */
  readonly agents?: readonly AgentKind[];

  /**
   * Ready arm64 image of the `ssh` agent. It must keep the contract of `agent-image/ssh/README.md`.
   *
   * Use it to deploy without Docker. An image in a private ECR repository of this account needs no
   * further permission.
   *
   * @default - the deployment builds the image with Docker
   */
  readonly sshImage?: string;

  /**
   * Base image of the `ssh` agent, for a build that must be reproducible: name it with its digest.
   *
   * @default - the base image that `agent-image/ssh/Dockerfile` names
   */
  readonly sshBaseImage?: string;

  /**
   * Port of every bastion. With a range, a hash of the session's id picks the session's port.
   *
   * Use another port than 22 if your network blocks connections to port 22.
   *
   * @default 22
   */
  readonly sshPort?: number | PortRange;

  /**
   * Login of the `ssh` image.
   *
   * Change it together with `sshImage` only: the image that the deployment builds has one login, `bastion`.
   *
   * @default 'bastion'
   */
  readonly sshLogin?: string;

  /**
   * Ready arm64 image of the `ssm` agent. It must keep the contract of `agent-image/target/README.md`.
   *
   * @default - the deployment builds the image with Docker
   */
  readonly ssmImage?: string;

  /**
   * https URL of the `ssm` agent's Debian package for arm64.
   *
   * Use it to stay with one version.
   *
   * @default - AWS's latest package on the day of the build
   */
  readonly ssmPackageUrl?: string;

  /**
   * SHA-256 of the package at `ssmPackageUrl`, in hexadecimal digits. The build stops at a package with another one.
   *
   * @default - the build takes the package as it comes
   */
  readonly ssmPackageSha256?: string;

  /**
   * Ready x86_64 image of the `bzero-ssm` agent. It must keep the contract of `agent-image/target/README.md`.
   *
   * @default - the deployment builds the image with Docker, from `bzeroSsmPackageSource`
   */
  readonly bzeroSsmImage?: string;

  /**
   * https URL of the `bzero-ssm` agent's Debian package for x86_64.
   *
   * @default - the agent `bzero-ssm` needs `bzeroSsmImage`
   */
  readonly bzeroSsmPackageSource?: string;

  /**
   * SHA-256 of the package at `bzeroSsmPackageSource`, in hexadecimal digits. The build stops at a package with another one.
   *
   * @default - the build takes the package as it comes
   */
  readonly bzeroSsmPackageSha256?: string;

  /**
   * Ready x86_64 image of the `bzero` agent. It must keep the contract of `agent-image/target/README.md`.
   *
   * @default - the deployment builds the image with Docker, from `bzeroPackageSource`
   */
  readonly bzeroImage?: string;

  /**
   * https URL of the `bzero` agent's Debian package for x86_64.
   *
   * @default - the agent `bzero` needs `bzeroImage`
   */
  readonly bzeroPackageSource?: string;

  /**
   * SHA-256 of the package at `bzeroPackageSource`, in hexadecimal digits. The build stops at a package with another one.
   *
   * @default - the build takes the package as it comes
   */
  readonly bzeroPackageSha256?: string;

  /**
   * Month of the newest Debian updates in the images, as `YYYY-MM`.
   *
   * The first deployment of a month builds the images again, with the security fixes since the last build. Name a month to keep
   * the images as they are.
   *
   * @default - the current month in UTC
   */
  readonly imageUpdates?: string;

  /**
   * CPU units of each task. 1024 are one vCPU.
   *
   * Fargate offers 256, 512, 1024, 2048, 4096, 8192 and 16384.
   *
   * @default 256
   */
  readonly cpu?: number;

  /**
   * Memory of each task in MiB.
   *
   * Fargate offers certain sizes for each `cpu`.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   *
   * @default 512
   */
  readonly memoryMiB?: number;

  /**
   * Lifetime of a bastion whose request names no `ttl`. At most `maxTtl`.
   *
   * @default Duration.hours(1)
   */
  readonly defaultTtl?: Duration;

  /**
   * Longest `ttl` of one request. At most `maxLifetime`.
   *
   * @default Duration.hours(8)
   */
  readonly maxTtl?: Duration;

  /**
   * Longest lifetime of a bastion, with all its extensions.
   *
   * @default Duration.hours(24)
   */
  readonly maxLifetime?: Duration;

  /**
   * Time without a login or a forwarded connection after which a bastion ends itself. At least five minutes, and less than
   * `maxLifetime`.
   *
   * @default - a bastion runs until its lifetime ends or somebody stops it
   */
  readonly idleEnd?: Duration;

  /**
   * Lifetime of a target that no webhook stops before.
   *
   * @default Duration.days(7)
   */
  readonly webhookTtl?: Duration;

  /**
   * Whether webhooks may also authenticate with HMAC signatures, as BastionZero's first protocol did.
   *
   * Leave it off unless your service needs it.
   *
   * @default false
   */
  readonly webhookHmac?: boolean;

  /**
   * Part of the webhooks' URLs that strangers cannot guess: 20 to 64 letters, digits, `_` and `-`.
   *
   * Without it anybody can use up the throttle of `/start` with wrong secrets. With it the webhooks are `/<webhookPath>/start`,
   * `/stop` and `/health` likewise. It is no password: the access log and the outputs show it. `openssl rand -hex 16` draws one.
   *
   * @default - the webhooks are `/start`, `/stop` and `/health`
   */
  readonly webhookPath?: string;

  /**
   * Most bastions that live at once, from 1 to 500.
   *
   * The Fargate quota of a fresh account allows 24 tasks of the smallest size.
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
   *
   * @default 20
   */
  readonly maxSessions?: number;

  /**
   * Most bastions that live at once and were started with one IAM role's credentials, or by one repository's workloads, from 1 to
   * 500. Without it, the people of one role, or one pipeline, may use all of `maxSessions`.
   *
   * @default - as many as `maxSessions`
   */
  readonly maxPerRole?: number;

  /**
   * Most targets that live at once, from 1 to 500. Webhooks start them.
   *
   * @default 20
   */
  readonly maxTargets?: number;

  /**
   * ARN patterns of IAM callers who may act for every user, such as `arn:aws:sts::123456789012:assumed-role/Admin/*`.
   * `*` matches any text without a slash. The caller of a role chooses the session name, so the role must be named.
   *
   * @default - no admins
   */
  readonly admins?: readonly string[];
}

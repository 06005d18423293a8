import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const hipaa = 'HIPAA.Security';
const nist = 'NIST.800.53.R5';
const pci = 'PCI.DSS.321';
const serverless = 'Serverless';

type Answer = readonly [packs: readonly string[], rule: string, reason: string];

/**
 * Rules of cdk-nag's packs that the stack breaks on purpose, with the reason. An auditor of one of these standards reads them.
 * The pack AwsSolutions is answered beside each resource.
 * https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
 */
const answers: readonly Answer[] = [
  [
    [hipaa, nist],
    'DynamoDBInBackupPlan',
    'The session table has point-in-time recovery, and its rows live for 30 days. The handoff table holds secrets for seconds, and no backup may keep them.',
  ],
  [
    [hipaa, nist],
    'DynamoDBPITREnabled',
    'The handoff table holds secrets for seconds, and no backup may keep them. The session table has point-in-time recovery.',
  ],
  [
    [hipaa, nist, pci],
    'VPCDefaultSecurityGroupClosed',
    'Nothing in the VPC that the stack makes uses its default group: every session has a group of its own.',
  ],
  [
    [hipaa, nist, pci],
    'VPCFlowLogsEnabled',
    'Flow logs cost by the bytes of people’s tunnels. The access log has each request with its caller and address, and the agents’ log has each login. A VPC that vpcId names keeps its own flow logs.',
  ],
  [
    [hipaa, nist, pci],
    'VPCNoUnrestrictedRouteToIGW',
    'People reach a bastion over the Internet. These subnets hold tasks alone, each behind a group that lets in one address or none.',
  ],
  [
    [hipaa, nist, pci],
    'IAMNoInlinePolicy',
    'Each policy is for one role and goes with it. test/golden/permissions.txt shows every permission in words, for a review.',
  ],
  [
    [hipaa, nist, pci],
    'CloudWatchLogGroupEncrypted',
    'CloudWatch encrypts every log group with a key of its own. A key of the account’s own would cost more than the logs.',
  ],
  [
    [hipaa, nist],
    'SecretsManagerRotationEnabled',
    'Only a person can give each new secret to the service that calls. Both secrets are valid during a rotation.',
  ],
  [
    [hipaa, nist, pci],
    'SecretsManagerUsingKMSKey',
    'Secrets Manager encrypts the secret with AWS’s key for this account. Two functions may read it.',
  ],
  [
    [hipaa, nist],
    'LambdaConcurrency',
    'The setting reserveConcurrency limits the functions that end sessions. The throttle of the API limits the others. A new account refuses every reservation.',
  ],
  [
    [hipaa, nist, serverless],
    'LambdaDLQ',
    'An event that failed for good goes to the queue Failures by an on-failure destination. The caller of the API sees every other failure, and the next run of a schedule does the work of a failed one.',
  ],
  [
    [hipaa, nist, pci],
    'LambdaInsideVPC',
    'The functions call AWS’s own interfaces and no host in a VPC. From a VPC they would need a NAT gateway, which costs more than everything else.',
  ],
  [
    [serverless],
    'LambdaTracing',
    'The lines of one session share its id in every log. Traces would cost for each request, and show a part of the same.',
  ],
  [
    [serverless],
    'LambdaAsyncFailureDestination',
    'The next run of the reaper and of the sweeper does the work of a failed one. Alarms watch the errors of both.',
  ],
  [
    [serverless],
    'LambdaEventSourceMappingDestination',
    'Lambda brings a change of a row again until it has been announced, for a day. The alarm LateEvents rings after ten minutes.',
  ],
  [
    [serverless],
    'EventBusDLQ',
    'EventBridge tries for an hour to tell a mailbox of a session. Nobody would look into a queue of old news.',
  ],
  [[serverless], 'SQSRedrivePolicy', 'This is the dead-letter queue. It has no consumer that could fail again.'],
  [
    [serverless],
    'SNSRedrivePolicy',
    'CloudWatch shows an alarm’s state whether or not its mail arrives. Nobody would look into a queue of lost mails.',
  ],
];

/** The reason for each finding of those packs, by its id. */
export const packAnswers: ReadonlyMap<string, string> = new Map(
  answers.flatMap(([packs, rule, reason]) => packs.map((pack) => [`${pack}-${rule}`, reason] as const)),
);

/** Tells cdk-nag the answers for everything in `scope`. */
export function answerPacks(scope: Construct): void {
  Validations.of(scope).acknowledge(...[...packAnswers].map(([id, reason]) => ({ id, reason })));
}

import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** The props of `Bastions` for the people who operate it: logs, throttles, dashboard and alarms. */
export interface OperationProps {
  /**
   * Time that every log group keeps its lines.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether the logs of who was let in go with the stack: the API's access log, the agents' logs, and those of the functions that
   * start, stop and list sessions.
   *
   * By default these log groups stay when the stack is deleted, until somebody deletes them. Their lines go after `logRetention`.
   * The other functions' logs always go with the stack.
   *
   * @default false
   */
  readonly deleteLogs?: boolean;

  /**
   * Requests per second that API Gateway allows each route in the long run, from 1 to 10000.
   *
   * @default 10
   */
  readonly rateLimit?: number;

  /**
   * Requests that API Gateway allows each route at once, from 1 to 5000.
   *
   * @default 20
   */
  readonly burstLimit?: number;

  /**
   * Whether Lambda sets executions aside for the functions that end sessions, eleven in all.
   *
   * Set it in an account where other functions can use up the quota of simultaneous executions. AWS keeps a hundred of the quota
   * free of reservations, so the quota must be at least 111. A new account may have ten, and its deployment would fail.
   * https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   *
   * @default false
   */
  readonly reserveConcurrency?: boolean;

  /**
   * Whether the API has the page for people, at `/web`.
   *
   * It comes with an identity provider anyway, because people sign in there. Without one, API Gateway refuses the page's requests,
   * which nobody signs. The local run signs for the person who runs it.
   *
   * @default false
   */
  readonly page?: boolean;

  /**
   * Whether the stack has a CloudWatch dashboard of its sessions, starts, pool, failures and costs.
   *
   * The functions write its metrics in any case. AWS takes three dollars a month for each dashboard beyond the three that an
   * account has free, which is more than the rest of the idle stack.
   *
   * @default false
   */
  readonly dashboard?: boolean;

  /**
   * E-mail address that every alarm notifies. The stack makes an encrypted SNS topic for it, whose key costs a dollar a month.
   *
   * AWS sends one mail after the deployment. Alarms arrive once its link has been followed.
   *
   * @default - the alarms notify `alarmTopicArn`, or nobody
   */
  readonly alarmEmail?: string;

  /**
   * ARN of an SNS topic that every alarm notifies, also as a token.
   *
   * @default - the alarms notify `alarmEmail`, or nobody
   */
  readonly alarmTopicArn?: string;

  /**
   * E-mail address that is told when sessions start, are about to end, and have ended. The stack makes an encrypted SNS topic for
   * it, whose key costs a dollar a month. AWS sends one mail after the deployment, whose link has to be followed.
   *
   * EventBridge has the events in any case.
   *
   * @default - `eventTopicArn` is told, or nobody
   */
  readonly eventEmail?: string;

  /**
   * ARN of an SNS topic of this account and region that is told the same, also as a token. If a key of the account encrypts the
   * topic, the key's policy has to allow the role of the stack's rule to use it.
   *
   * @default - `eventEmail` is told, or nobody
   */
  readonly eventTopicArn?: string;
}

/** An answer of AWS that no check can ask for, because the emulated AWS does not give it by itself. */
export interface Unchecked {
  readonly what: string;
  /** The reason, and the tests that cover the answer instead. */
  readonly why: string;
  /** The page of AWS that states it. */
  readonly source: `https://docs.aws.amazon.com/${string}`;
}

export const unchecked: readonly Unchecked[] = [
  {
    what: 'ECS RunTask: 200 without a task, and the reason in failures[]',
    why: 'Neither emulator runs out of capacity. The simulation and test/lambdas/lifecycle return that answer instead.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html',
  },
  {
    what: 'AccessDenied to a function: AccessDeniedException, UnauthorizedOperation of EC2',
    why:
      'The emulated AWS refuses tasks (test/emulator/task-role.test.ts), and functions that change a security group it does ' +
      'not have (test/emulator/security-groups.test.ts). Other calls of functions are evaluated against their policies ' +
      '(test/least-privilege).',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html',
  },
  {
    what: 'DynamoDB ThrottlingException and ProvisionedThroughputExceededException',
    why: 'Only EC2 and ECS have request rates here. Throttling of any call is among the simulation’s faults.',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html',
  },
  {
    what: 'Lambda TooManyRequestsException 429',
    why: 'Functions have no limit of simultaneous runs here. Throttling of any call is among the simulation’s faults.',
    source: 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html',
  },
];

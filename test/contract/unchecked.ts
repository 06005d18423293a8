/** What AWS answers as well, and no check can ask for, because the emulated AWS does not give it by itself. */
export interface Unchecked {
  readonly what: string;
  /** Why not, and what looks after it instead. */
  readonly why: string;
  /** Where AWS says so. */
  readonly source: `https://docs.aws.amazon.com/${string}`;
}

export const unchecked: readonly Unchecked[] = [
  {
    what: 'ECS RunTask: 200 without a task, and the reason in failures[]',
    why: 'Neither emulator runs out of capacity. The simulation and test/lambdas/lifecycle put that answer in its place.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html',
  },
  {
    what: 'AccessDenied to a function: AccessDeniedException, UnauthorizedOperation of EC2',
    why:
      'The emulated AWS refuses tasks (test/emulator/task-role.test.ts), and functions that change a security group it does ' +
      'not know (test/emulator/security-groups.test.ts). What else functions ask for is evaluated against their policies ' +
      '(test/least-privilege).',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html',
  },
  {
    what: 'DynamoDB ThrottlingException and ProvisionedThroughputExceededException',
    why: 'Only EC2 and ECS have rates here. Throttling of any call is among the simulation’s faults.',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html',
  },
  {
    what: 'Lambda TooManyRequestsException 429',
    why: 'Functions run here as often at once as they are asked to. Throttling of any call is among the simulation’s faults.',
    source: 'https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html',
  },
];

import type { Difference, Differences } from './difference.ts';

const page = (name: string) => `https://docs.aws.amazon.com/AmazonECS/latest/APIReference/${name}.html` as const;
const runTask = page('API_RunTask');
const taskLife = 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html';

/** Makes the difference of a task that moto runs and AWS refuses. */
const runByMoto = (fact: string, source: Difference['source'] = runTask, tasks = 1): Difference => ({
  moto: { outcome: 'accepted', tasks },
  fact,
  source,
});

/** Makes the difference of a call that moto accepts and AWS refuses. */
const acceptedByMoto = (fact: string, source: Difference['source']): Difference => ({ moto: 'accepted', fact, source });

export const ecsDifferences: Differences = {
  'ECS RunTask': {
    'returns a task that is PROVISIONING': {
      moto: { failures: 0, lastStatus: 'RUNNING', desiredStatus: 'RUNNING', launchType: 'FARGATE' },
      fact: 'A task passes through PROVISIONING, PENDING and ACTIVATING before it is RUNNING.',
      source: taskLife,
    },
    'a running task shows its containers by name': {
      moto: ['ssh'],
      fact: 'A task shows every container of its definition.',
      source: page('API_Task'),
    },
    'the same token with the same parameters starts nothing new': {
      moto: { outcome: 'accepted', namesTheFirst: false, tasks: 2 },
      fact: 'The same token with the same parameters returns the result of the first request.',
      source: page('ECS_Idempotency'),
    },
    'the same token with another parameter is a conflict that names the task': {
      moto: { outcome: 'accepted', namesTheFirst: false, tasks: 2 },
      fact: 'The same token with other parameters is a ConflictException, whose resourceIds name the tasks.',
      source: page('ECS_Idempotency'),
    },
    'more than 10 tasks at once are refused': runByMoto('One call runs 1 to 10 tasks.', runTask, 11),
    'a startedBy with an @ is refused': runByMoto('startedBy has letters, digits, hyphens, slashes and underscores.'),
    'a token of 65 characters is refused': runByMoto('A token has up to 64 characters.'),
    'a tag that starts with aws: is refused': runByMoto('The prefix aws: is reserved for AWS.'),
    'tags of a service are refused': runByMoto('With SERVICE as propagateTags, RunTask is an error.'),
    'execute command without a role of the task is refused': runByMoto(
      'With enableExecuteCommand the task definition must have a task role.',
    ),
    'an override for an unknown container is refused': runByMoto(
      'An override is for a container of the task definition, by its name.',
      page('API_ContainerOverride'),
    ),
    'overrides of more than 8192 characters are refused': runByMoto('Overrides have 8192 characters at most.'),
    'an unknown subnet is refused': {
      moto: 'InvalidSubnetID.NotFound 400',
      fact: 'RunTask has only errors of its own. Those of EC2 are not among them.',
      source: runTask,
    },
    'an unknown security group is refused': acceptedByMoto(
      'The security groups must be in the VPC of the task. A missing group is in no VPC.',
      page('API_AwsVpcConfiguration'),
    ),
    'more than 5 security groups are refused': acceptedByMoto(
      'A task has at most 5 security groups.',
      page('API_AwsVpcConfiguration'),
    ),
  },
  'ECS StopTask': {
    'returns a task that has not stopped yet': {
      moto: { desiredStatus: 'STOPPED', isStopped: true, stopCode: undefined, stoppedReason: 'expired' },
      fact: 'The answer shows the task with desiredStatus STOPPED, lastStatus RUNNING and stopCode UserInitiated.',
      source: page('API_StopTask'),
    },
    'the task becomes STOPPED, and its interface is deleted': {
      moto: { lastStatus: 'STOPPED', attachment: 'ATTACHED', hasStoppedAt: false },
      fact: 'In DEPROVISIONING, before STOPPED, the interface is detached and deleted.',
      source: taskLife,
    },
    'a stop without a reason has the default reason': {
      moto: undefined,
      fact: 'The stoppedReason of a task that was stopped without one is “Task stopped by user”.',
      source: page('API_StopTask'),
    },
    'a stopped task has no tags': {
      moto: [{ key: 'bastion:session', value: 's1' }],
      fact: 'Stopping a task deletes its tags.',
      source: page('API_StopTask'),
    },
    'an unknown task is refused as not found': {
      moto: { outcome: 'broke down', saysNotFound: false },
      fact: 'InvalidParameterException is StopTask’s error for a parameter that is not valid.',
      source: page('API_StopTask'),
    },
  },
  'ECS DescribeTasks': {
    'an unknown task is a failure beside the known ones': {
      moto: { tasks: 1, failures: [] },
      fact: 'A task that can’t be found is a failure with the reason MISSING.',
      source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html',
    },
    '100 tasks are looked up at once, the unknown ones as failures': {
      moto: { tasks: 1, failures: 0, reasons: [] },
      fact: 'A task that can’t be found is a failure with the reason MISSING.',
      source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html',
    },
    'a task of another cluster is unknown': {
      moto: { tasks: 1, failures: [] },
      fact: 'The cluster of the request hosts the tasks.',
      source: page('API_DescribeTasks'),
    },
    'more than 100 tasks are refused': acceptedByMoto('One call describes up to 100 tasks.', page('API_DescribeTasks')),
  },
  'ECS RegisterTaskDefinition': {
    'a size that Fargate does not have is refused': acceptedByMoto(
      'Each number of processor units has its own range of memory.',
      page('API_RegisterTaskDefinition'),
    ),
    'a task without a container is refused': acceptedByMoto(
      'containerDefinitions is required: a task consists of its containers.',
      page('API_RegisterTaskDefinition'),
    ),
    'a task without an essential container is refused': acceptedByMoto(
      'All tasks must have at least one essential container.',
      page('API_ContainerDefinition'),
    ),
    'containers that wait for each other are refused': acceptedByMoto(
      'A container waits for the ones that it depends on, so that none of a circle could start.',
      page('API_ContainerDependency'),
    ),
  },
  'A bastion program of 2018': {
    'a task is found by its family, which is in its group': {
      moto: { before: 0, isFound: true, groupIsFamily: true, otherLaunchType: 1 },
      fact: 'launchType limits the list to the tasks of this launch type.',
      source: page('API_ListTasks'),
    },
    'the description of its interface leads from a task to its address': {
      moto: { interfaces: 0, hasAddress: false },
      fact: 'A filter by description finds an interface by it. That ECS writes the ARN of the attachment there, only the program says.',
      source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html',
    },
    'startedBy beside desiredStatus is refused': acceptedByMoto(
      'startedBy must be the only filter.',
      page('API_ListTasks'),
    ),
  },
  'ECS ListTasks': {
    'a task that was stopped is listed only on request': {
      moto: { before: 1, byDefault: 1, stopped: 1 },
      fact: 'The default filter is RUNNING as desired status.',
      source: page('API_ListTasks'),
    },
    'startedBy together with another filter is refused': acceptedByMoto(
      'startedBy must be the only filter.',
      page('API_ListTasks'),
    ),
    'pages have each task once': {
      moto: { sizes: [5], different: 5 },
      fact: 'maxResults limits each page, and nextToken leads to the next.',
      source: page('API_ListTasks'),
    },
  },
};

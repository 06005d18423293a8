/** The id of a task of ECS, which is the last part of its ARN. Absent: no task, and an empty id. */
export const taskIdOf = (taskArn = ''): string => taskArn.split('/').at(-1) ?? '';

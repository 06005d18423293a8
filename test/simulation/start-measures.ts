/** The safety measures of a start. */
import type { Measure } from './measure.ts';

export const startMeasures: readonly Measure[] = [
  {
    name: 'the start lease: a starting session counts as alive while its starter may be at work',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: "if (session.state === 'starting' && !isBeingCreated(session, now)) {",
        replace: "if (session.state === 'starting') {",
      },
    ],
  },
  {
    name: 'the row is written before the first resource exists',
    edits: [
      {
        file: 'lambdas/core/start/launch.ts',
        find: 'const { session, limits } = newLaunch;\n  await ports.sessions.create(session);\n  const taking = await ports.places.take(placeOf(session), session.sessionId, limits);\n  if (taking !== ',
        replace:
          'const { session, limits } = newLaunch; await ports.securityGroups.create(session); await ports.sessions.create(session); const taking = await ports.places.take(placeOf(session), session.sessionId, limits); if (taking !== ',
      },
      {
        file: 'lambdas/core/start/launch.ts',
        find: 'await ports.places.release(placeOf(session), session.sessionId);',
        replace:
          'await ports.securityGroups.remove(session); await ports.places.release(placeOf(session), session.sessionId);',
      },
    ],
  },
  {
    name: 'a place is taken on a condition',
    edits: [
      {
        file: 'lambdas/aws/dynamodb/places.ts',
        find: "const room = 'attribute_not_exists(#all) OR size(#all) < :most OR contains(#all, :id)';",
        replace:
          "const room = 'attribute_not_exists(#all) OR attribute_exists(#all) OR size(#all) < :most OR contains(#all, :id)';",
      },
    ],
  },
  {
    name: 'a session that ends gives its place back',
    edits: [
      {
        file: 'lambdas/core/end/belongings.ts',
        find: 'await ports.places.release(placeOf(session), session.sessionId);',
        replace: '',
      },
    ],
  },
  {
    name: 'the place is taken before the claim',
    edits: [
      {
        file: 'lambdas/core/start/launch.ts',
        find: "if (taking !== 'taken') {",
        replace:
          "if (taking !== 'taken') { await takeClaim(ports, session, async () => {}); await ports.sessions.releaseClaim(session);",
      },
    ],
  },
  {
    name: 'a stop during the start stands, although the start goes on',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: "if (session.state !== 'starting' || session.createdAt !== startedAt) throw",
        replace: 'if (session.createdAt !== startedAt) throw',
      },
    ],
  },
  {
    name: 'every try of RunTask carries the same client token',
    edits: [
      {
        file: 'lambdas/aws/ecs/launcher.ts',
        find: '// True once the SDK has tried more than once',
        replace: `command.middlewareStack.add((next) => (args) => {
          const request = Object(args.request);
          request.body = request.body.replace(/"clientToken":"/, () => '"clientToken":"' + Math.random());
          return next(args);
        }, { step: 'finalizeRequest', priority: 'low' });
        // True once the SDK has tried more than once`,
      },
    ],
  },
];

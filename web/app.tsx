/** The page: first how people sign in here, then the workspace of whoever calls. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PageConfig } from '../contracts/sign-in.ts';
import { clockAhead, readConfig } from './api/client.ts';
import type { ReturnedQuery } from './sign-in/returned-query.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { Brand, Problem } from './views/parts.tsx';
import { SignInCard } from './views/sign-in-card.tsx';
import { WorkspaceView } from './views/workspace-view.tsx';

export function App({ returned }: { returned: ReturnedQuery }) {
  const [config, setConfig] = useState<PageConfig>();
  const [clockAheadMs, setClockAheadMs] = useState(0);
  const [isSignedIn, setIsSignedIn] = useState(false);
  const [isReturning, setIsReturning] = useState(returned.isAnswer);
  const [problem, setProblem] = useState<string>();
  const signIn = useMemo(
    () => (config?.signIn === 'oidc' ? new SignIn(config, clockAheadMs) : undefined),
    [config, clockAheadMs],
  );

  useEffect(() => {
    readConfig().then(
      ({ config: found, facts }) => {
        setClockAheadMs(clockAhead(facts));
        setConfig(found);
      },
      (error: unknown) => setProblem(sentenceOf(error)),
    );
  }, []);
  useEffect(() => {
    signIn
      ?.finish(returned)
      .then(setIsSignedIn, (error: unknown) => setProblem(sentenceOf(error)))
      .finally(() => setIsReturning(false));
  }, [signIn, returned]);

  if (config === undefined) return <Opening problem={problem} />;
  if (signIn === undefined) return <WorkspaceView limits={config.limits} token={undefined} />;
  const begin = () => void signIn.begin().catch((error: unknown) => setProblem(sentenceOf(error)));
  // The browser may show this document again, by its button for going back.
  const end = () => {
    setIsSignedIn(false);
    signIn.end();
  };
  if (isSignedIn) {
    return <WorkspaceView limits={config.limits} token={signIn.token} onSignIn={begin} onSignOut={end} />;
  }
  return <SignInCard config={config} problem={problem} isReturning={isReturning} onSignIn={begin} />;
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Before the page knows how people sign in. */
function Opening({ problem }: { problem: string | undefined }) {
  return (
    <main>
      <section class="card" data-phase="opening">
        <Brand />
        <Problem sentence={problem}>
          <button type="button" onClick={() => location.reload()}>
            Try again
          </button>
        </Problem>
        {problem === undefined && <div class="skeleton" aria-hidden="true" />}
      </section>
    </main>
  );
}

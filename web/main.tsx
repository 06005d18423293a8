import { render } from 'preact';
import { App } from './app.tsx';
import { takeQuery } from './sign-in/returned-query.ts';

const returned = takeQuery();
const place = document.getElementById('page');
if (place) render(<App returned={returned} />, place);

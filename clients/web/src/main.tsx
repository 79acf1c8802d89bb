import { render } from 'preact';
import { App } from './app.tsx';
import { loadMe } from './session.ts';
import { keepFieldsOffTheDisk } from './ui/fields-off-the-disk.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';

keepFieldsOffTheDisk();
void loadMe();
const root = document.getElementById('app');
if (root) render(<App />, root);

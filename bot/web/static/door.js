// An invitation's secret leaves the address bar and the history as soon as the page holds it.
"use strict";
if (location.search) history.replaceState(null, "", location.pathname);

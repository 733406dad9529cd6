// What the pages do beyond forms and links. Everything works without it.
"use strict";

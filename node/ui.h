/* The web app that the program carries, see proto/http/assets.h. */
#ifndef DANGOL_NODE_UI_H
#define DANGOL_NODE_UI_H

#include "proto/http/assets.h"

extern const struct http_assets node_ui;

#endif

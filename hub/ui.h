/* The web app that the program carries, see proto/http/assets.h. */
#ifndef DANGOL_HUB_UI_H
#define DANGOL_HUB_UI_H

#include "proto/http/assets.h"

extern const struct http_assets hub_ui;

#endif

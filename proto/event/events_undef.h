/* Ends one reading of events.def: forgets the macros its reader defined. Included once after each, hence no guard. */
#undef FIELD
#undef CHOICE
#undef ROWS
#undef SEALED
#undef ROW_BEGIN
#undef ROW_END
#undef EVENT_BEGIN
#undef EVENT_END

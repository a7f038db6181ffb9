/* tools/link_room.c - an empty program: linking one room whole into it proves that the room calls
 * only the rooms docs/rooms.txt lets it use. */
int main(void)
{
    return 0;
}

"""One module per kind of scene; each public function paints a scene and says how it is photographed."""
